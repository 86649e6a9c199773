// Written by web/build/schema.ts from the OpenAPI document of the admin API. Do not edit.

export const operations: readonly string[] = [
  "changePassword",
  "createAccount",
  "createKey",
  "createKeys",
  "deleteAccount",
  "deleteKey",
  "deleteKeys",
  "finishAccountSignIn",
  "getAccount",
  "getKey",
  "getOpenApi",
  "getSession",
  "listAccounts",
  "listKeyTags",
  "listKeys",
  "purgeKey",
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
  "claude"
];

export const signInKinds: readonly string[] = [
  "claude"
];
