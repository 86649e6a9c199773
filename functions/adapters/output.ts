import type { Writable } from "node:stream";

/** Log lines gathered over one turn of the event loop and written at once: a busy process spends one system call, not hundreds. */
export interface Output {
  write(line: string): void;
  /** Writes what is gathered, before an exit. */
  flush(): void;
}

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
    setImmediate(flush);
  };
  // Whoever read the log is gone; that is no reason to end streams.
  stream.on("error", () => undefined);
  return { write, flush };
}
