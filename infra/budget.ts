/**
 * A mail before AWS costs more than meant: at 80 % of `BUDGET_USD` a month as forecast, and at all of it as billed, to
 * `ALARM_EMAIL`. It watches the whole account, since the tags of an application only count once they are activated by hand.
 * The first two budgets of an account are free (AWS Budgets pricing).
 */
const email = process.env.ALARM_EMAIL;
const limit = Number(process.env.BUDGET_USD || 20);
if (!(limit > 0)) throw new Error(`BUDGET_USD must be a number of dollars above 0 (it is "${process.env.BUDGET_USD}")`);

const mail = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => {
  return {
    notificationType,
    threshold,
    thresholdType: "PERCENTAGE",
    comparisonOperator: "GREATER_THAN",
    subscriberEmailAddresses: [email ?? ""],
  };
};

/** A budget without anybody to tell would only count, so there is none without an address. */
export const budget =
  email &&
  new aws.budgets.Budget("Budget", {
    budgetType: "COST",
    timeUnit: "MONTHLY",
    limitAmount: String(limit),
    limitUnit: "USD",
    notifications: [mail("FORECASTED", 80), mail("ACTUAL", 100)],
  });
