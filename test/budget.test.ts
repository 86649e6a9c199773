import { beforeAll, expect, test } from "vitest";
import { type BudgetRow, measureBudget } from "../bench/budget.ts";

let rows: BudgetRow[];

beforeAll(async () => {
  rows = await measureBudget(2_000);
});

test.each([0, 1, 2, 3, 4, 5])("row %i of the command budget holds", (index) => {
  const row = rows[index];
  expect(row?.commands, row?.situation).toBeLessThanOrEqual(row?.most ?? -1);
});

test("the budget has a row for each promise", () => expect(rows).toHaveLength(6));
