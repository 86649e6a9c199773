import { beforeAll, expect, test } from "vitest";
import { type BudgetRow, measureBudget } from "../bench/budget.ts";

let rows: BudgetRow[];

beforeAll(async () => {
  rows = await measureBudget(2_000);
});

test.each(Array.from({ length: 11 }, (_, index) => index))("row %i of the command budget holds", (index) => {
  const row = rows[index];
  expect(row?.commands, row?.situation).toBeLessThanOrEqual(row?.most ?? -1);
});

test("the budget has a row for each promise", () => expect(rows).toHaveLength(11));
