import { codeAssistDialect } from "../../relay/dialects/code-assist/code-assist.ts";
import { withOwnQuota } from "../../relay/own-quota.ts";
import { relay } from "../../relay/relay.ts";
import { codeAssist } from "../../relay/upstreams/google/code-assist.ts";

/** /v1internal:method, as Gemini CLI calls it when it is signed in. */
export const handle = withOwnQuota(relay(codeAssistDialect, { upstreams: { "code-assist": codeAssist }, bridges: [] }));
