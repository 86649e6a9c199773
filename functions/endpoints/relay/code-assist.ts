import { codeAssistDialect } from "../../dialects/code-assist.ts";
import { relay } from "../../relay.ts";
import { codeAssist } from "../../upstreams/code-assist.ts";

/** /v1internal:method, as Gemini CLI calls it when it is signed in. */
export const handle = relay(codeAssistDialect, { upstreams: { "code-assist": codeAssist }, bridges: [] });
