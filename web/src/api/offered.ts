// Written by web/build/schema.ts from the OpenAPI document of the admin API. Do not edit.

export const operations: readonly string[] = [
  "changePassword",
  "checkUsageDrift",
  "createAccount",
  "createKey",
  "createKeys",
  "deleteAccount",
  "deleteKey",
  "deleteKeys",
  "explainUsageRequest",
  "exportUsage",
  "finishAccountSignIn",
  "getAccount",
  "getKey",
  "getOpenApi",
  "getSession",
  "getUsageLive",
  "getUsageOfAccount",
  "getUsageOfKey",
  "getUsageOverview",
  "getUsageRetention",
  "getUsageTrend",
  "listAccounts",
  "listKeyTags",
  "listKeys",
  "listUsageRequests",
  "mendUsageDrift",
  "purgeKey",
  "putUsageRetention",
  "rankUsage",
  "refreshAccount",
  "resetAccount",
  "restoreKey",
  "signIn",
  "signOut",
  "startAccountSignIn",
  "testAccount",
  "updateAccount",
  "updateKey",
  "updateKeys"
];

export const accountKinds: readonly string[] = [
  "anthropic",
  "claude",
  "openai",
  "chatgpt",
  "azure-openai",
  "gemini",
  "code-assist",
  "bedrock",
  "vertex"
];

export const signInKinds: readonly string[] = [
  "claude",
  "chatgpt",
  "code-assist"
];
