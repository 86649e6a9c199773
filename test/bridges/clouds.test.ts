import { afterEach, beforeEach, expect, test } from "vitest";
import { sdk } from "../openai.ts";
import { type Rig, startRig } from "../rig.ts";
import { serviceAccountKey } from "../upstream/gemini/google-oauth.ts";
import { startUpstream, type Upstream } from "../upstream/upstream.ts";
import { vertex } from "../../functions/relay/upstreams/google/vertex.ts";

let rig: Rig;
let upstream: Upstream;

beforeEach(async () => {
  upstream = await startUpstream();
  rig = await startRig();
});

afterEach(async () => {
  await rig.stop();
  await upstream.stop();
});

const addBedrock = () => {
  const keys = { accessKeyId: "AKIA-sim", secretAccessKey: "secret-of-AKIA-sim" };
  return rig.addAccount({ kind: "bedrock", baseUrl: upstream.url }, { kind: "aws", ...keys });
};
const addVertex = () => {
  const key = { kind: "api-key" as const, secret: serviceAccountKey(`${upstream.url}/token`) };
  return rig.addAccount({ kind: "vertex", baseUrl: upstream.url }, vertex.accept?.(key) ?? key);
};

test.each([
  ["Claude on Bedrock", addBedrock, "claude-sonnet-4-6", /^\/model\/.*claude-sonnet-4-6/],
  ["Claude on Vertex AI", addVertex, "claude-sonnet-4-6", /publishers\/anthropic\/models\/claude-sonnet-4-6/],
  ["Gemini on Vertex AI", addVertex, "gemini-3-pro", /publishers\/google\/models\/gemini-3-pro/],
])("%s answers the OpenAI SDK, whole and streamed", async (_name, add, model, path) => {
  await add();
  const { secret } = await rig.addKey();
  const client = sdk(rig, secret);
  const content = "[[sim:say=héllo 🙂]]";
  const { choices } = await client.chat.completions.create({ model, messages: [{ role: "user", content }] });
  expect(choices[0]?.message.content).toBe("héllo 🙂");
  expect(upstream.requests.at(-1)?.path).toMatch(path);
  if (model.startsWith("gemini")) return;
  const { output_text } = await client.responses.stream({ model, input: content }).finalResponse();
  expect(output_text).toBe("héllo 🙂");
  expect(upstream.requests.at(-1)?.path).toMatch(path);
});
