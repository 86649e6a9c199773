import { buildViewerRequest, shrink } from "./edge.ts";
import { originSecret } from "./secrets.ts";

// The code holds the origin's proof, so it is a secret in the deployment's state as well.
$transform(aws.cloudfront.Function, (args) => {
  args.code = $util.secret($util.output(args.code).apply(shrink));
});

/** CloudFront's managed SecurityHeadersPolicy: HSTS, nosniff, no foreign frames. */
const securityHeaders = "67f7725c-6f97-4210-82d7-5512b31e9d03";

const { RELAY_DOMAIN: name, RELAY_CERTIFICATE_ARN: cert } = process.env;
/** With a certificate the DNS record is yours to make; without, the domain's zone is in the account's Route 53. */
const domain = name && (cert ? { name, cert, dns: false as const } : { name });

export const router = new sst.aws.Router("Edge", {
  ...(domain ? { domain } : {}),
  edge: { viewerRequest: { injection: originSecret.value.apply(buildViewerRequest) } },
  transform: {
    cdn: (args) => {
      const behavior = $util.output(args.defaultCacheBehavior);
      args.defaultCacheBehavior = behavior.apply((given) => ({ ...given, responseHeadersPolicyId: securityHeaders }));
    },
  },
});
