import { alerts } from "./alerts.ts";
import { causes } from "./causes.ts";
import { deeds } from "./deeds.ts";
import { keys } from "./keys.ts";
import { logs } from "./logs.ts";
import { manageRest } from "./manage-rest.ts";
import { operate } from "./operate.ts";
import { watch } from "./watch.ts";

/** The words of pages that are not the first to be seen: they come with the page. */
export default { ...alerts, ...causes, ...deeds, ...keys, ...logs, ...manageRest, ...operate, ...watch };
