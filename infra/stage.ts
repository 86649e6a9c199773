/**
 * What SST must know before anything else. Nothing in AWS is worth keeping (all data is in the store), so a removed stage
 * leaves nothing that costs money. `production` is protected all the same: with it goes the address that clients use.
 */
export function describeApp(stage: string) {
  const tags = { app: "claude-relay", stage };
  return {
    name: "claude-relay",
    home: "aws" as const,
    removal: "remove" as const,
    protect: stage === "production" && process.env.RELAY_PROTECT !== "false",
    providers: { aws: { region: region(), defaultTags: { tags } } },
  };
}

const region = () => (process.env.AWS_REGION || "us-east-1") as "us-east-1";
