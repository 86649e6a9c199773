import { createHash, createHmac } from "node:crypto";
import type { Incoming } from "../language.ts";

/** The secret that belongs to an access key id here. */
export const secretOf = (accessKeyId: string): string => `secret-of-${accessKeyId}`;

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();

export interface Signed {
  accessKeyId: string;
  region: string;
  service: string;
}

/** Who signed a request; undefined if nobody did, or not with the secret of that id (AWS Signature Version 4). */
export function verifySignature(incoming: Incoming): Signed | undefined {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
  const found = form.exec(incoming.headers.authorization ?? "");
  if (!found) return undefined;
  const [, accessKeyId = "", day = "", region = "", service = "", names = "", signature = ""] = found;
  const header = (name: string) =>
    String(incoming.headers[name] ?? "")
      .trim()
      .replace(/\s+/g, " ");
  const canonical = [
    incoming.method,
    incoming.path.split("/").map(encodeURIComponent).join("/"),
    [...incoming.query]
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .sort()
      .join("&"),
    ...names.split(";").map((name) => `${name}:${header(name)}`),
    "",
    names,
    sha256(incoming.body),
  ].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", header("x-amz-date"), scope, sha256(canonical)].join("\n");
  const key = [day, region, service, "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${secretOf(accessKeyId)}`);
  const mustBeSigned = [
    "host",
    "x-amz-date",
    ...("x-amz-security-token" in incoming.headers ? ["x-amz-security-token"] : []),
  ];
  if (!mustBeSigned.every((name) => names.split(";").includes(name))) return undefined;
  return hmac(key, text).toString("hex") === signature ? { accessKeyId, region, service } : undefined;
}
