import type { Incoming, Reply } from "../language.ts";
import { errorReply, jsonReply } from "./errors.ts";

export const simulatedProject = "sim-project";

/** The project that a request must name: its account's own. */
export function projectProblem(body: { project?: unknown }): Reply | undefined {
  if (body.project === simulatedProject) return undefined;
  const message = `Permission denied on resource project ${String(body.project)}.`;
  return errorReply(403, { status: "PERMISSION_DENIED", message });
}

const tier = { id: "standard-tier", name: "Gemini Code Assist", description: "Simulated", isDefault: true };

/** The methods that generate nothing. A credential that names `onboard` belongs to a person who has no project yet. */
export function callMethod(method: string, incoming: Incoming, credential: string): Reply | undefined {
  const isNew = credential.includes("onboard");
  const answers: Record<string, unknown> = {
    loadCodeAssist: isNew
      ? { allowedTiers: [tier] }
      : { currentTier: tier, allowedTiers: [tier], cloudaicompanionProject: simulatedProject, gcpManaged: false },
    onboardUser: { name: "operations/sim-onboarding", done: false },
    operations: {
      name: "operations/sim-onboarding",
      done: true,
      response: { cloudaicompanionProject: { id: simulatedProject } },
    },
    retrieveUserQuota: { buckets: [{ modelId: "gemini-2.5-pro", remainingFraction: 0.5, tokenType: "REQUESTS" }] },
    listExperiments: { experimentIds: [], flags: [] },
    fetchAdminControls: { adminControlsApplicable: false },
    recordCodeAssistMetrics: {},
    countTokens: { totalTokens: Math.ceil(incoming.body.length / 4) },
  };
  return method in answers ? jsonReply(200, answers[method]) : undefined;
}
