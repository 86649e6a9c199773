import type { Writable } from "node:stream";

/**
 * Log lines gathered for some milliseconds and written at once: to write to a pipe stops the process and wakes the reader, and a
 * busy process does that a hundred times a second, not a thousand.
 */
export interface Output {
  write(line: string): void;
  /** Writes what is gathered, before an exit. */
  flush(): void;
}

const lingerMs = 10;

export function bufferOutput(stream: Writable): Output {
  let lines = "";
  let isDue = false;
  const flush = () => {
    isDue = false;
    if (lines === "") return;
    const gathered = lines;
    lines = "";
    stream.write(gathered);
  };
  const write = (line: string) => {
    lines += line;
    if (isDue) return;
    isDue = true;
    setTimeout(flush, lingerMs);
  };
  // Whoever read the log is gone; that is no reason to end streams.
  stream.on("error", () => undefined);
  return { write, flush };
}
