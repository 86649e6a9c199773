import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "./client.ts";
import { api, take } from "./client.ts";
import { queryClient } from "./query.ts";

export type BackupPlan = Schemas["BackupPlan"];

export const useBackup = () =>
  useQuery({ queryKey: ["backup"], queryFn: () => take(api.GET("/admin/backup")), staleTime: Infinity });

export interface BackupFile {
  readonly name: string;
  readonly content: Blob;
}

export async function exportBackup(wish: Schemas["BackupWish"]): Promise<BackupFile> {
  const { name, file } = await take(api.POST("/admin/backup/export", { body: wish }));
  const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
  return { name, content: new Blob([bytes], { type: "application/octet-stream" }) };
}

/** A file's bytes as base64, which is how they travel. */
export function readBase64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",")[1] ?? "");
    reader.onerror = () => reject(reader.error ?? new Error("unreadable"));
    reader.readAsDataURL(file);
  });
}

export const planBackup = (body: Schemas["BackupInput"]) => take(api.POST("/admin/backup/plan", { body }));

export async function importBackup(body: Schemas["BackupImport"]): Promise<BackupPlan> {
  const plan = await take(api.POST("/admin/backup/import", { body }));
  // Every page may show something else now.
  void queryClient.invalidateQueries();
  return plan;
}
