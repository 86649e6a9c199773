import type { Environment } from "../../config.ts";

/**
 * The environment completed by what SST has linked to the function: a resource `JwtSecret` with a `value` is `JWT_SECRET`.
 * A variable that is set wins. SST keeps linked values in an encrypted file beside the bundle, read with its own library.
 */
export async function completeFromLinks(environment: Environment): Promise<Environment> {
  if (!environment.SST_KEY_FILE && !environment.SST_RESOURCE_App) return environment;
  const { Resource } = await import("sst/resource");
  // The values are read at the first question, and only then can be listed.
  if (!("App" in Resource)) return environment;
  const linked: Record<string, string> = {};
  for (const [name, resource] of Object.entries(Resource)) {
    const value = valueOf(resource);
    if (value !== undefined) linked[variableName(name)] = value;
  }
  const given = Object.entries(environment).filter(([, value]) => value !== undefined && value !== "");
  return { ...linked, ...Object.fromEntries(given) };
}

function valueOf(resource: unknown): string | undefined {
  if (typeof resource !== "object" || resource === null || !("value" in resource)) return undefined;
  return typeof resource.value === "string" ? resource.value : undefined;
}

/** `UpstashRedisRestUrl` is how SST must write UPSTASH_REDIS_REST_URL. */
const variableName = (name: string) => name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
