import { accounts } from "./accounts.ts";
import { keys } from "./keys.ts";
import { shell } from "./shell.ts";

export default { ...shell, ...accounts, ...keys };
