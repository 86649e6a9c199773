import { accounts } from "./accounts.ts";
import { keys } from "./keys.ts";
import { manage } from "./manage.ts";
import { security } from "./security.ts";
import { shell } from "./shell.ts";
import { usage } from "./usage.ts";
import { vendors } from "./vendors.ts";

export default {
  ...shell,
  ...accounts,
  ...keys,
  ...manage,
  ...security,
  ...usage,
  ...vendors,
};
