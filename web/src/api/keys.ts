import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Schemas } from "./client.ts";
import { api, take } from "./client.ts";
import { queryClient } from "./query.ts";
import type { operations } from "./schema.d.ts";

export type Key = Schemas["ApiKey"];
export type KeyWithSecret = Schemas["ApiKeyWithSecret"];
export type KeyChange = Schemas["ApiKeyChange"];
export type KeyDraft = Schemas["ApiKeyDraft"];
export type KeyQuery = NonNullable<operations["listKeys"]["parameters"]["query"]>;

/** Rows of one request of the list; the table asks for the pages that are in view. */
export const keyPageSize = 100;
/** The API changes at most so many keys at once. */
const mostAtOnce = 500;

const pageQuery = (query: KeyQuery, page: number) => ({
  queryKey: ["keys", "list", query, page],
  queryFn: () => take(api.GET("/admin/keys", { params: { query: { ...query, page, pageSize: keyPageSize } } })),
  placeholderData: (previous: Schemas["ApiKeyPage"] | undefined) => previous,
});

/** The rows between two places of the list that a query describes; undefined where a row is still on its way. */
export function useKeyRows(asked: KeyQuery, from: number, to: number) {
  const first = Math.floor(from / keyPageSize) + 1;
  const last = Math.floor(Math.max(from, to - 1) / keyPageSize) + 1;
  const pages = useMemo(() => Array.from({ length: last - first + 1 }, (_, index) => first + index), [first, last]);
  const query = useMemo(() => ({ ...asked, include: "usage" as const }), [asked]);
  const head = useQuery(pageQuery(query, 1));
  const answers = useQueries({
    queries: pages.map((page) => ({ ...pageQuery(query, page), placeholderData: undefined })),
  });
  const total = head.data?.total ?? 0;
  const rowAt = (index: number): Key | undefined => {
    const page = Math.floor(index / keyPageSize) + 1;
    const data = answers[page - first]?.data ?? (page === 1 ? head.data : undefined);
    return data?.items[index % keyPageSize];
  };
  return { head, total, rowAt, isStale: head.isPlaceholderData };
}

export const useKey = (id: string) =>
  useQuery({
    queryKey: ["keys", "one", id],
    queryFn: () => take(api.GET("/admin/keys/{id}", { params: { path: { id } } })),
    enabled: id !== "",
  });

/** A few keys by part of a name, owner, tag or beginning. */
export const useFoundKeys = (search: string, enabled = true) =>
  useQuery({
    queryKey: ["keys", "find", search],
    queryFn: () => take(api.GET("/admin/keys", { params: { query: { search, pageSize: 8 } } })),
    enabled,
  });

export const useKeyTags = () =>
  useQuery({ queryKey: ["keys", "tags"], queryFn: () => take(api.GET("/admin/keys/tags")), staleTime: 300_000 });

export const useKeyCount = () => useQuery({ ...pageQuery({}, 1), select: (page) => page.total });

const refreshKeys = () => queryClient.invalidateQueries({ queryKey: ["keys"] });

async function changed<T>(answer: Promise<T>): Promise<T> {
  const value = await answer;
  void refreshKeys();
  return value;
}

const at = (id: string) => ({ params: { path: { id } } });

export const createKey = (draft: KeyDraft) => changed(take(api.POST("/admin/keys", { body: draft })));
export const createKeys = (draft: Schemas["ApiKeyBulkDraft"]) =>
  changed(take(api.POST("/admin/keys/bulk", { body: draft })));
export const updateKey = (id: string, change: KeyChange) =>
  changed(take(api.PATCH("/admin/keys/{id}", { ...at(id), body: change })));
export const purgeKey = (id: string) => changed(take(api.POST("/admin/keys/{id}/purge", at(id))));

export type Progress = (done: number, of: number) => void;

/** Does something to many keys in portions that the API takes, and tells how far it is. */
async function inPortions(
  ids: readonly string[],
  most: number,
  act: (portion: string[]) => Promise<unknown>,
  tell?: Progress,
): Promise<void> {
  try {
    for (let done = 0; done < ids.length; done += most) {
      await act(ids.slice(done, done + most));
      tell?.(Math.min(done + most, ids.length), ids.length);
    }
  } finally {
    void refreshKeys();
  }
}

export const updateKeys = (ids: readonly string[], change: KeyChange, tell?: Progress) =>
  inPortions(ids, mostAtOnce, (portion) => take(api.PATCH("/admin/keys", { body: { ids: portion, change } })), tell);

export const deleteKeys = (ids: readonly string[], tell?: Progress) =>
  inPortions(ids, mostAtOnce, (portion) => take(api.POST("/admin/keys/delete", { body: { ids: portion } })), tell);

export const restoreKeys = (ids: readonly string[], tell?: Progress) =>
  inPortions(
    ids,
    8,
    (portion) => Promise.all(portion.map((id) => take(api.POST("/admin/keys/{id}/restore", at(id))))),
    tell,
  );

export async function rotateKey(id: string, graceHours: number): Promise<KeyWithSecret> {
  const made = await take(api.POST("/admin/keys/{id}/rotate", { ...at(id), body: { graceHours } }));
  void refreshKeys();
  return made;
}

export const createHandover = (id: string, secret: string) =>
  take(api.POST("/admin/keys/{id}/hand-over", { ...at(id), body: { secret } }));

export async function endFormerSecret(id: string): Promise<void> {
  await take(api.DELETE("/admin/keys/{id}/former-secret", at(id)));
  await refreshKeys();
}

/** Every key that a query matches, in the query's order. */
export async function readAllKeys(query: KeyQuery, tell?: Progress): Promise<Key[]> {
  const all: Key[] = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const answer = await take(api.GET("/admin/keys", { params: { query: { ...query, page, pageSize: 200 } } }));
    all.push(...answer.items);
    pages = answer.pages;
    tell?.(all.length, answer.total);
  }
  return all;
}
