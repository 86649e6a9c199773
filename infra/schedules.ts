import { listCalls } from "../functions/operations/jobs/schedules.ts";
import { functions } from "./functions.ts";
import { putSchedule, removeSchedule, type QStash, type Schedule } from "../functions/operations/jobs/qstash.ts";
import { router } from "./router.ts";
import { qstashToken } from "./secrets.ts";

type Inputs = Schedule & QStash;

/** Creating is putting, so a deployment that was cut short is mended by the next one. */
const put = async (inputs: Inputs) => {
  await putSchedule(inputs, inputs);
  return { id: inputs.scheduleId, outs: inputs };
};
const provider = {
  create: put,
  update: (_id: string, _old: Inputs, inputs: Inputs) => put(inputs),
  delete: async (id: string, outs: Inputs) => void (await removeSchedule(id, outs)),
};

class QStashSchedule extends $util.dynamic.Resource {
  constructor(name: string, inputs: { [Name in keyof Inputs]: $util.Input<Inputs[Name]> }) {
    // Only when the functions stand is there somebody to call.
    super(provider, name, inputs, { dependsOn: Object.values(functions) });
  }
}

export const schedules = listCalls(process.env).map(({ job, path, method, cron, retries }) => {
  const scheduleId = `${$app.name}-${$app.stage}-${job}`;
  const destination = $interpolate`${router.url}${path}`;
  const url = process.env.QSTASH_URL || "https://qstash.upstash.io";
  return new QStashSchedule(`Schedule-${job}`, {
    scheduleId,
    destination,
    method,
    cron,
    retries,
    url,
    token: qstashToken.value,
  });
});
