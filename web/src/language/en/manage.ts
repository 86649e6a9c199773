export const manage = {
  groups: {
    accounts: "Accounts",
    target: "Groups",
  },
  prices: {
    usedOwn: "By your own price for this model.",
  },
  review: {
    lastUsedAt: "Last used",
    cost: "Today / in all",
    never: "Never",
    unused: "Unused for {{count}} days",
    unusedNote: "Keys older than {{count}} days without a call since. Choose them to disable or delete them at once.",
    none: "Every key is in use",
    bound: "Bound to {{name}}",
  },
};
