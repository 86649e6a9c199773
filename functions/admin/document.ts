import * as z from "zod/mini";
import { component } from "./component.ts";
import { buildOpenApi } from "./openapi.ts";
import type { Operation } from "./operation.ts";
import { operation } from "./operation.ts";
import { operations } from "./operations.ts";

const Document = component("OpenApiDocument", z.record(z.string(), z.unknown()));
let document: Record<string, unknown> | undefined;

export const openApiOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/openapi.json",
    id: "getOpenApi",
    summary: "This document, made from the schemas that parse the requests.",
    answer: Document,
    run: async () => openApiDocument(),
  }),
];

/** The document of the whole admin API; made once, since the operations never change. */
export function openApiDocument(): Record<string, unknown> {
  document ??= buildOpenApi([...operations, ...openApiOperations], "1");
  return document;
}
