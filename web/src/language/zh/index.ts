import { accounts } from "./accounts.ts";
import { alerts } from "./alerts.ts";
import { keys } from "./keys.ts";
import { logs } from "./logs.ts";
import { manage } from "./manage.ts";
import { operate } from "./operate.ts";
import { security } from "./security.ts";
import { shell } from "./shell.ts";
import { usage } from "./usage.ts";
import { vendors } from "./vendors.ts";
import { watch } from "./watch.ts";

export default {
  ...shell,
  ...accounts,
  ...alerts,
  ...keys,
  ...logs,
  ...manage,
  ...operate,
  ...security,
  ...usage,
  ...vendors,
  ...watch,
};
