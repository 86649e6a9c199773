export const manage = {
  groups: {
    accounts: "Accounts",
    target: "Groups",
  },
  prices: {
    usedOwn: "By your own price for this model.",
    usedAssumed: "This model has no price: by that of the dearest model of its kind.",
  },
  review: {
    lastUsedAt: "Last used",
    cost: "Today / total",
    never: "Never",
    unused_one: "Unused for {{count}} day",
    unused_other: "Unused for {{count}} days",
    unusedNote_one:
      "Keys older than {{count}} day without a call since. Choose them to disable or delete them at once.",
    unusedNote_other:
      "Keys older than {{count}} days without a call since. Choose them to disable or delete them at once.",
    none: "Every key is in use",
    bound: "Bound to {{name}}",
  },
};
