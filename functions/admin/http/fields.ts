import * as z from "zod/mini";
import { isInRanges } from "../../wire/address.ts";
import { mostUsd, nanosOfUsd } from "./money.ts";

/** Schemas that several resources share. Each says in words what it wants, since zod's small build brings no wording. */

export const text = (most: number, about: string) => z.string().check(z.maxLength(most), z.describe(about));
export const name = z
  .string()
  .check(z.trim(), z.minLength(1), z.maxLength(120), z.describe("A name for people; need not be unique."));
export const flag = (about: string) => z.boolean().check(z.describe(about));
export const whole = (least: number, most: number, about: string) =>
  z.int().check(z.gte(least), z.lte(most), z.describe(about));

const anInstant = z.int().check(z.gte(0), z.lte(8_640_000_000_000));
export const instant = (about: string) => anInstant.check(z.describe(`${about} Epoch milliseconds.`));

export const usd = (about: string) =>
  z.number().check(
    z.gte(0),
    z.lt(mostUsd),
    z.refine((value) => nanosOfUsd(value) !== undefined, { error: "must have at most 9 decimals" }),
    z.describe(`${about} US dollars, up to 9 decimals; 0: no limit.`),
  );

/** A short list of short words, no word twice. */
export const words = (most: number, about: string) =>
  z.array(z.string().check(z.trim(), z.minLength(1), z.maxLength(120))).check(
    z.maxLength(most),
    z.refine((list) => new Set(list).size === list.length, { error: "must not name anything twice" }),
    z.describe(about),
  );

const modelName = z.string().check(z.minLength(1), z.maxLength(200));
export const models = (about: string) => z.array(modelName).check(z.maxLength(500), z.describe(about));
export const aliases = z.record(modelName, modelName).check(
  z.refine((map) => Object.keys(map).length <= 500, { error: "must have at most 500 entries" }),
  z.describe("Asked-for model → model that is sent instead. A name that ends in `*` is a prefix."),
);

export const ranges = z
  .array(
    z
      .string()
      .check(z.refine(isRange, { error: "must be an address or a CIDR range, such as 10.0.0.0/8 or 2001:db8::/32" })),
  )
  .check(z.maxLength(200), z.describe("Addresses and CIDR ranges (v4, v6) that may call; empty: from anywhere."));

/** By the relay's own check: an address lies in its own range only if that check can read the range. */
function isRange(value: string): boolean {
  const [address] = /^[\da-f:.]+(?=(\/\d{1,3})?$)/i.exec(value) ?? [];
  try {
    return address !== undefined && isInRanges(address, [value]);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

export const webAddress = (about: string) =>
  z.string().check(
    z.maxLength(500),
    z.refine(isWebAddress, {
      error: "must be a URL that begins with https:// or http://, without name or password in it",
    }),
    z.describe(about),
  );

function isWebAddress(value: string): boolean {
  const url = URL.parse(value);
  return (
    url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "" && url.hash === ""
  );
}

export const proxy = z.string().check(
  z.maxLength(500),
  z.refine((value) => /^(https?|socks5h?):\/\/[^/?#]+\/?$/.test(value) && URL.parse(value) !== null, {
    error: "must be a proxy's URL, such as http://name:password@host:port, https://… or socks5://…",
  }),
  z.describe(
    "The proxy on the way to the provider, with its name and password if it wants any. Never shown again with the password.",
  ),
);

export const id = z
  .string()
  .check(z.minLength(1), z.maxLength(80), z.regex(/^[A-Za-z0-9_-]+$/, { error: "is not an id" }));
export const byId = z.strictObject({ id });

/** Query parameters of every list. */
export const paging = {
  page: z.optional(
    z.coerce.number().check(z.int(), z.gte(1), z.lte(1_000_000), z.describe("The page, from 1 (the default).")),
  ),
  pageSize: z.optional(
    z.coerce.number().check(z.int(), z.gte(1), z.lte(200), z.describe("Records on a page; 50 by default.")),
  ),
};

/** What every list answers. */
export const listOf = <S extends z.ZodMiniType>(item: S) =>
  z.object({
    items: z.array(item),
    total: z.int().check(z.describe("How many records match, on all pages.")),
    page: z.int(),
    pageSize: z.int(),
    pages: z.int().check(z.describe("How many pages there are; 0 if nothing matches.")),
  });

export interface Page<T> {
  items: T[];
  total: number;
  page: number;
  pageSize: number;
  pages: number;
}

/** Cuts one page out of all that matches. */
export function buildPage<T>(
  all: readonly T[],
  query: { page?: number | undefined; pageSize?: number | undefined },
): Page<T> {
  const page = query.page ?? 1;
  const pageSize = query.pageSize ?? 50;
  const items = all.slice((page - 1) * pageSize, page * pageSize);
  return { items, total: all.length, page, pageSize, pages: Math.ceil(all.length / pageSize) };
}
