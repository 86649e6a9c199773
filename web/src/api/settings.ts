import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { Schemas } from "./client.ts";
import { api, take } from "./client.ts";
import { offers } from "./offer.ts";
import { queryClient } from "./query.ts";

export type Group = Schemas["Group"];
export type GroupDraft = Schemas["GroupDraft"];
export type Price = Schemas["ModelPrice"];
export type PriceDraft = Schemas["ModelPriceDraft"];
export type Settings = Schemas["Settings"];
export type Retention = Schemas["UsageRetention"];

const at = (id: string) => ({ params: { path: { id } } });

export const useGroups = () =>
  useQuery({ queryKey: ["groups"], queryFn: () => take(api.GET("/admin/groups")), enabled: offers("listGroups") });

/** Accounts and keys name groups too. */
async function moved<T>(answer: Promise<T>): Promise<T> {
  const value = await answer;
  for (const name of ["groups", "accounts", "keys"]) void queryClient.invalidateQueries({ queryKey: [name] });
  return value;
}

export const createGroup = (draft: GroupDraft) => moved(take(api.POST("/admin/groups", { body: draft })));
export const updateGroup = (id: string, change: Schemas["GroupChange"]) =>
  moved(take(api.PATCH("/admin/groups/{id}", { ...at(id), body: change })));
/** What becomes of the keys that are bound to it: another group's id, or "" for none. */
export const deleteGroup = (id: string, moveTo: string) =>
  moved(
    take(
      api.DELETE("/admin/groups/{id}", {
        params: { path: { id }, query: moveTo === "" ? { unbind: "true" } : { moveTo } },
      }),
    ),
  );

export const usePrices = (search: string, of: "all" | "own") =>
  useInfiniteQuery({
    queryKey: ["prices", "list", search, of],
    queryFn: ({ pageParam: page }) => take(api.GET("/admin/prices", { params: { query: { search, of, page } } })),
    initialPageParam: 1,
    getNextPageParam: ({ page, pages }) => (page < pages ? page + 1 : undefined),
    placeholderData: keepPreviousData,
  });

export const useUnpriced = () =>
  useQuery({ queryKey: ["prices", "unpriced"], queryFn: () => take(api.GET("/admin/prices/unpriced")) });

async function priced<T>(answer: Promise<T>): Promise<T> {
  const value = await answer;
  void queryClient.invalidateQueries({ queryKey: ["prices"] });
  return value;
}

export const setPrice = (draft: PriceDraft) => priced(take(api.PUT("/admin/prices", { body: draft })));
export const resetPrice = (model: string) => priced(take(api.POST("/admin/prices/reset", { body: { model } })));

const settingsKey = ["settings"];
const retentionKey = ["retention"];

export const useSettings = (enabled = true) =>
  useQuery({
    queryKey: settingsKey,
    queryFn: () => take(api.GET("/admin/settings")),
    staleTime: 300_000,
    enabled: enabled && offers("getSettings"),
  });

/** Where clients reach the relay: as set, as deployed, or as this page was opened. */
export function useRelayUrl(enabled = true): string {
  const settings = useSettings(enabled).data;
  return settings?.publicUrl ?? settings?.environment.publicUrl ?? location.origin;
}

export async function updateSettings(change: Schemas["SettingsChange"]): Promise<void> {
  queryClient.setQueryData(settingsKey, await take(api.PATCH("/admin/settings", { body: change })));
}

export const useRetention = () =>
  useQuery({ queryKey: retentionKey, queryFn: () => take(api.GET("/admin/usage/retention")) });

export async function putRetention(retention: Retention): Promise<void> {
  queryClient.setQueryData(retentionKey, await take(api.PUT("/admin/usage/retention", { body: retention })));
}
