import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { buildConsole } from "./build.ts";

const assets = fileURLToPath(new URL("../../dist/web/assets/", import.meta.url));
const library = new URL("../../node_modules/@mantine/core/styles.css", import.meta.url);
const classes = (text: string) => new Set(text.match(/\bm_[0-9a-f]{6,8}\b/g));

const readAll = (extension: string) =>
  readdirSync(assets)
    .filter((name) => name.endsWith(extension))
    .map((name) => readFileSync(assets + name, "utf8"))
    .join("\n");

beforeAll(buildConsole, 120_000);

describe("the console's style sheets", () => {
  it("have every rule of the component library that a component in the bundle asks for", () => {
    const used = classes(readAll(".js"));
    const shipped = classes(readAll(".css"));
    const known = classes(readFileSync(library, "utf8"));
    expect(used.size).toBeGreaterThan(20);
    expect([...used].filter((name) => known.has(name) && !shipped.has(name))).toEqual([]);
  });
});

describe("the console's page", () => {
  it("has no inline script or style, and names no other host", () => {
    const page = readFileSync(new URL("../index.html", new URL(`file://${assets}`)), "utf8");
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
    expect([...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address)).toSatisfy((all: string[]) =>
      all.every((address) => address.startsWith("/web/")),
    );
  });
});
