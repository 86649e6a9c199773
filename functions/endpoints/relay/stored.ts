import { serveStored } from "../../relay/stored/stored.ts";

/** Files, batches, skills and cached contents, at the account that keeps them: Anthropic's, OpenAI's and Gemini's. */
export const handle = serveStored;
