import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { Ajv } from "ajv";
import { parseDocument, visit } from "yaml";

/**
 * What `docker compose config` makes of files, as the Compose specification says it (docs.docker.com/reference/compose-file:
 * "Interpolation", "Merge", "Profiles"): values filled in, later files laid over earlier ones, services without a chosen
 * profile left out. The result is held against the specification's own JSON schema, which `dclint` brings. Throws what Compose
 * would refuse: an unset value that is asked for, a word that the schema does not know, a name that nothing declares.
 */
type Tree = Record<string, any>;

interface Asked {
  readonly files: readonly string[];
  /** What `.env` and the shell set. */
  readonly env: Readonly<Record<string, string>>;
  readonly profiles?: readonly string[];
}

const root = join(import.meta.dirname, "../..");
const reset = Symbol("!reset");

export function composeConfig({ files, env, profiles = [] }: Asked): Tree {
  const whole = files.map((file) => load(readFileSync(resolve(root, file), "utf8"), env)).reduce(merge);
  const services = Object.entries<Tree>(whole.services).filter(
    ([, service]) => !service.profiles || service.profiles.some((name: string) => profiles.includes(name)),
  );
  const config = { ...whole, services: Object.fromEntries(services) } as Tree;
  check(config);
  return config;
}

function load(text: string, env: Asked["env"]): Tree {
  const document = parseDocument(text, { customTags: [{ tag: "!reset", resolve: () => reset }] });
  if (document.errors[0]) throw document.errors[0];
  visit(document, {
    Scalar(key, node) {
      if (key !== "key" && typeof node.value === "string") node.value = interpolate(node.value, env);
    },
  });
  return document.toJS() as Tree;
}

/** `$$` is a dollar; `:` counts an empty value as none. */
function interpolate(text: string, env: Asked["env"]): string {
  return text.replace(
    /\$(?:\$|(\w+)|\{(\w+)(?:(:?[-?+])((?:[^{}]|\$\{[^}]*\})*))?\}|(.?))/g,
    (found, bare?: string, name?: string, how?: string, word = "", odd?: string) => {
      if (found === "$$") return "$";
      if (odd !== undefined) throw new Error(`Invalid interpolation format: ${text}`);
      const value = env[bare ?? name ?? ""];
      const isSet = how?.startsWith(":") ? Boolean(value) : value !== undefined;
      if (how?.endsWith("?") && !isSet) throw new Error(`required variable ${name} is missing a value: ${word}`);
      if (how?.endsWith("+")) return isSet ? interpolate(word, env) : "";
      return isSet ? (value ?? "") : how?.endsWith("-") ? interpolate(word, env) : "";
    },
  );
}

const isMap = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

/** Maps are merged, lists are joined, all else and each command is replaced. */
function merge(below: Tree, above: Tree): Tree {
  const merged: Tree = { ...below };
  for (const [name, value] of Object.entries(above)) {
    const former: unknown = below[name];
    if (value === reset) delete merged[name];
    else if (isMap(former) && isMap(value)) merged[name] = merge(former, value);
    else if (Array.isArray(former) && Array.isArray(value) && !["command", "entrypoint", "test"].includes(name))
      merged[name] = [...new Set([...former, ...value])];
    else merged[name] = value;
  }
  return merged;
}

function check(config: Tree): void {
  const beside = dirname(createRequire(import.meta.url).resolve("dclint/package.json"));
  const schema = JSON.parse(readFileSync(join(beside, "schemas/compose.schema.json"), "utf8")) as object;
  // The formats are Docker's own words (ports, durations), which the schema names and does not define.
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, validateSchema: false });
  if (!ajv.validate(schema, config)) throw new Error(ajv.errorsText());
  for (const [name, service] of Object.entries<Tree>(config.services)) {
    const named = (one: unknown) => (Array.isArray(one) ? (one as string[]) : Object.keys((one ?? {}) as Tree));
    const missing = [
      ...named(service.depends_on).filter((each) => !(each in config.services)),
      ...named(service.networks).filter((each) => !(each in config.networks)),
      ...((service.volumes ?? []) as string[])
        .map((volume) => volume.split(":")[0] ?? "")
        .filter((volume) => !/^[./~]/.test(volume) && !(volume in config.volumes)),
    ];
    if (missing.length > 0) throw new Error(`service ${name} refers to undefined ${missing.join(", ")}`);
    if (!service.image && !service.build) throw new Error(`service ${name} has neither an image nor a build context`);
  }
}
