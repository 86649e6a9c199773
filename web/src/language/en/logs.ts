export const logs = {
  logs: {
    note: "What the relay's process says of itself, newest at the bottom. Never a prompt, never a secret.",
    search: "Search the lines",
    level: "Least severe level",
    anyLevel: "All levels",
    levels: { error: "error", warn: "warn", info: "info", debug: "debug" },
    live: "Live",
    newest: "To the newest",
    none: "No lines",
    noneNote: "Nothing matches, or nothing was logged yet. LOG_LEVEL is {{level}}.",
    since: "The last 2,000 lines since {{at}}, from the process's memory. LOG_LEVEL is {{level}}.",
    onLambda: "On Lambda each function has a log of its own: look at its log group in CloudWatch.",
  },
};
