import { AwsV4Signer } from "aws4fetch";
import type { Credential } from "../../../core/accounts/account.ts";
import type { Headers } from "../../../wire/exchange.ts";

export interface Unsigned {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** The headers with AWS Signature Version 4 over all of it. Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html. */
export async function signAws(
  request: Unsigned,
  credential: Extract<Credential, { kind: "aws" }>,
  region: string,
): Promise<Headers> {
  const signer = new AwsV4Signer({
    method: request.method,
    url: request.url,
    headers: request.headers,
    ...(request.method === "GET" ? {} : { body: new Uint8Array(request.body) }),
    accessKeyId: credential.accessKeyId,
    secretAccessKey: credential.secretAccessKey,
    ...(credential.sessionToken === undefined ? {} : { sessionToken: credential.sessionToken }),
    service: "bedrock",
    region,
  });
  const { headers } = await signer.sign();
  return Object.fromEntries(headers);
}
