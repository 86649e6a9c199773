import { measureBudget } from "./budget.ts";

/** `npm run bench:commands`: billed Redis commands by situation, beside what the budget allows. */
const rows = await measureBudget(60_000);
console.log("| situation | at most | measured |\n|---|---|---|");
for (const { situation, most, commands } of rows) console.log(`| ${situation} | ${most} | ${commands} |`);
process.exit(rows.every(({ most, commands }) => commands <= most) ? 0 : 1);
