/** Who sealed a thought that travels in another dialect's field: the word before the first dot of the packed seal (bridges/seal.ts). */
export const makers = ["anthropic", "openai", "gemini", "chat"] as const;

/** The same in base64, as many letters as do not depend on what follows. */
export const sealedBeginnings: readonly string[] = makers.map((maker) =>
  Buffer.from(`${maker}.`)
    .toString("base64")
    .slice(0, Math.floor(((maker.length + 1) * 8) / 6)),
);
