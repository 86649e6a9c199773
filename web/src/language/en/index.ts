import { accounts } from "./accounts.ts";
import { manage } from "./manage.ts";
import { security } from "./security.ts";
import { shell } from "./shell.ts";
import { usage } from "./usage.ts";
import { vendors } from "./vendors.ts";

export default {
  ...shell,
  ...accounts,
  ...manage,
  ...security,
  ...usage,
  ...vendors,
};
