import { parseArgs } from "node:util";
import { startUpstream } from "./upstream.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    host: { type: "string", default: "127.0.0.1" },
    behaviour: { type: "string", default: "" },
    record: { type: "boolean", default: false },
  },
});

const upstream = await startUpstream({
  port: Number(values.port),
  host: values.host,
  behaviour: values.behaviour,
  record: values.record,
});
process.stdout.write(`${upstream.url}\n`);

const stop = (): void => void upstream.stop();
process.once("SIGINT", stop);
process.once("SIGTERM", stop);
