import { queryOptions, useQuery } from "@tanstack/react-query";
import type { Schemas } from "./client.ts";
import { api, take } from "./client.ts";
import { queryClient } from "./query.ts";

export type Account = Schemas["Account"];
export type AccountChange = Schemas["AccountChange"];
export type AccountDraft = Schemas["AccountDraft"];
export type TestReport = Schemas["AccountTestReport"];

const pageSize = 200;

/** All accounts: an operator has dozens, so they are searched and sorted in the page. */
export const accountsQuery = queryOptions({
  queryKey: ["accounts"],
  async queryFn(): Promise<Account[]> {
    const all: Account[] = [];
    for (let page = 1, pages = 1; page <= pages; page += 1) {
      const answer = await take(api.GET("/admin/accounts", { params: { query: { page, pageSize } } }));
      all.push(...answer.items);
      pages = answer.pages;
    }
    return all;
  },
});

export const useAccounts = (refetchInterval: number | false = false) => useQuery({ ...accountsQuery, refetchInterval });

export const useAccount = (id: string, refetchInterval: number | false = false) =>
  useQuery({
    refetchInterval,
    queryKey: ["accounts", id],
    queryFn: () => take(api.GET("/admin/accounts/{id}", { params: { path: { id } } })),
    placeholderData: () => queryClient.getQueryData(accountsQuery.queryKey)?.find((account) => account.id === id),
  });

/** Puts what the API answered about an account into what the pages hold. */
export function keepAccount(account: Account): Account {
  queryClient.setQueryData(["accounts", account.id], account);
  queryClient.setQueryData(accountsQuery.queryKey, (all) => {
    if (!all) return all;
    return all.some((one) => one.id === account.id)
      ? all.map((one) => (one.id === account.id ? account : one))
      : [...all, account];
  });
  return account;
}

const at = (id: string) => ({ params: { path: { id } } });

export const createAccount = async (draft: AccountDraft) =>
  keepAccount(await take(api.POST("/admin/accounts", { body: draft })));

export async function updateAccount(id: string, change: AccountChange): Promise<Account> {
  const account = keepAccount(await take(api.PATCH("/admin/accounts/{id}", { ...at(id), body: change })));
  if (change.groups) void queryClient.invalidateQueries({ queryKey: ["groups"] });
  return account;
}

export const testAccount = (id: string) => take(api.POST("/admin/accounts/{id}/test", { ...at(id), body: {} }));

export const refreshAccount = async (id: string) =>
  keepAccount(await take(api.POST("/admin/accounts/{id}/refresh", at(id))));

export const resetAccount = async (id: string) =>
  keepAccount(await take(api.POST("/admin/accounts/{id}/reset", at(id))));

export async function deleteAccount(id: string): Promise<void> {
  await take(api.DELETE("/admin/accounts/{id}", at(id)));
  queryClient.setQueryData(accountsQuery.queryKey, (all) => all?.filter((account) => account.id !== id));
}

export const startSignIn = (start: Schemas["AccountSignInStart"]) =>
  take(api.POST("/admin/oauth/start", { body: start }));

export const finishSignIn = async (finish: Schemas["AccountSignInFinish"]) =>
  keepAccount(await take(api.POST("/admin/oauth/finish", { body: finish })));
