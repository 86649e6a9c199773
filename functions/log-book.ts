/** A line of the process log, with its number since the process began. */
export interface NumberedLine {
  readonly number: number;
  readonly line: string;
}

/** The last lines of this process's log, in memory: looking at them costs the store nothing. */
export interface LogBook {
  /** When the process began to write it. Epoch milliseconds. */
  readonly startedAt: number;
  add(line: string): void;
  /** The lines that are still there, oldest first, from the one after `number` on. */
  after(number: number): Iterable<NumberedLine>;
  /** How many were written in all. */
  count(): number;
}

const mostLines = 2_000;
/** An event that ends up longer (a spilled usage event does not) is cut; the process log has it whole. */
const mostLength = 4_096;

export function buildLogBook(startedAt: number, most = mostLines): LogBook {
  const lines: string[] = [];
  let count = 0;
  return {
    startedAt,
    add(line) {
      lines[count % most] = line.length > mostLength ? line.slice(0, mostLength) : line;
      count += 1;
    },
    *after(number) {
      for (let each = Math.max(number, count - most); each < count; each += 1)
        yield { number: each + 1, line: lines[each % most] ?? "" };
    },
    count: () => count,
  };
}
