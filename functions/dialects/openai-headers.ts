/**
 * Request headers that go up in every OpenAI language. `x-codex-turn-state` must come back as it was given, in the requests
 * of the same turn. A client's own `chatgpt-account-id`, organization and project belong to other credentials than the
 * account's, and stay here.
 */
export const openaiGoesUp = [
  "accept",
  "content-type",
  "content-encoding",
  "user-agent",
  "originator",
  "version",
  "openai-beta",
  "session-id",
  "session_id",
  "thread-id",
  "conversation_id",
  "x-client-request-id",
  "x-codex-",
  "x-openai-",
  "x-stainless-",
];

/** Answer headers that come down; whose organization the account is in is nobody's business. */
export const openaiPasses = [
  "content-type",
  "content-encoding",
  "etag",
  "x-request-id",
  "openai-version",
  "openai-model",
  "openai-processing-ms",
  "x-ratelimit-",
  "x-codex-",
  "x-models-etag",
  "x-reasoning-included",
  "retry-after",
  "retry-after-ms",
  "x-should-retry",
];
