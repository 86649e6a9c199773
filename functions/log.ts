/** Severity in the order of verbosity; `LOG_LEVEL` names the least severe one that is still written. */
export const logLevels = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];
export type LogFields = Record<string, unknown>;
export type Log = (level: LogLevel, event: string, fields?: LogFields) => void;

/**
 * Structured log: one JSON object a line. `write` takes a whole line with its newline.
 * Errors are written as name, message, code and cause; never a request body, a header or a secret.
 */
export function buildLog(least: LogLevel, write: (line: string) => void, now: () => number): Log {
  const limit = logLevels.indexOf(least);
  let last = { at: NaN, words: "" };
  // A busy process writes several lines a millisecond.
  const inWords = (at: number) => {
    if (at !== last.at) last = { at, words: new Date(at).toISOString() };
    return last.words;
  };
  return (level, event, fields) => {
    if (logLevels.indexOf(level) > limit) return;
    const head = `{"at":"${inWords(now())}","level":"${level}","event":${JSON.stringify(event)}`;
    const rest = JSON.stringify(fields ?? {}, hasError(fields) ? replaceError : undefined);
    write(`${head}${rest === "{}" ? "" : ","}${rest.slice(1)}\n`);
  };
}

/** A replacer makes stringify many times slower, and nearly every line is that of a call without an error in it. */
function hasError(fields: LogFields | undefined): boolean {
  for (const name in fields) if (fields[name] instanceof Error) return true;
  return false;
}

function replaceError(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const code = "code" in value ? value.code : undefined;
  return { name: value.name, message: value.message, code, cause: value.cause };
}
