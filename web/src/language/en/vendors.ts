export const vendors = {
  vendors: {
    choice: "Vendor",
    choiceNote: "Of those that speak this language. Fills in the address; whatever is not here goes under Base URL.",
    own: "{{kind}} itself, or an address of your own",
    docs: "Its documentation",
    serves: "It will serve {{models}}.",
    example: "This is an example: put in the address of your own server.",
  },
};
