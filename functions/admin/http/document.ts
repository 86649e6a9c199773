import * as z from "zod/mini";
import { component } from "./component.ts";
import { buildOpenApi } from "./openapi.ts";
import type { Operation } from "./operation.ts";
import { operation } from "./operation.ts";
import { memoize } from "../../wire/maps.ts";

const Document = component("OpenApiDocument", z.record(z.string(), z.unknown()));

export const openApiOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/openapi.json",
    id: "getOpenApi",
    summary: "This document, made from the schemas that parse the requests.",
    answer: Document,
    run: () => openApiDocument(),
  }),
];

/** The document of the whole admin API; made once, since the operations never change. */
export const openApiDocument = (): Promise<Record<string, unknown>> => buildDocument("1");

const buildDocument = memoize(1, async (version: string) => {
  // Loaded when somebody asks: all operations together weigh more than a function should at its start.
  const { operations } = await import("./operations.ts");
  return buildOpenApi([...operations, ...openApiOperations], version);
});
