import { Alert } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { RequestDetail } from "../../api/usage.ts";
import { useFormat } from "../../parts/format.ts";

/** The words for a failure's code; a code that is not here goes by whose fault it is. */
const byCode = {
  "key.missing": "key",
  "key.unknown": "key",
  "key.disabled": "key",
  "key.expired": "key",
  "model.forbidden": "forbidden",
  "client.forbidden": "forbidden",
  "ip.forbidden": "forbidden",
  "permission.forbidden": "forbidden",
  "request.malformed": "malformed",
  "request.unsupported": "malformed",
  "request.refused": "refusedRequest",
  "request.too-large": "tooLarge",
  "request.timeout": "gone",
  "model.unknown": "modelUnknown",
  "limit.requests": "limit",
  "limit.tokens": "limit",
  "limit.cost": "limit",
  "limit.concurrency": "concurrency",
  "client.gone": "gone",
  "account.none": "accountNone",
  "account.cooling": "cooling",
  "credential.rejected": "rejected",
  "upstream.unreachable": "unreachable",
  "upstream.timeout": "timeout",
  "upstream.broken": "broken",
  "store.unavailable": "store",
} as const;
const byBlame = {
  client: "refusedRequest",
  capacity: "upstream",
  upstream: "upstream",
  config: "accountNone",
  platform: "platform",
} as const;

type Asked = Pick<
  RequestDetail,
  "failure" | "blame" | "outcome" | "tries" | "status" | "clientStatus" | "account" | "totalMs"
>;

function causeOf({ failure, blame, outcome }: Asked) {
  const code = failure?.split(":")[0] as keyof typeof byCode | undefined;
  // What the provider refused as the client's fault stands in older entries under the provider's code.
  if (code !== undefined && Object.hasOwn(byCode, code)) return byCode[code];
  if (outcome === "gone") return "gone";
  if (outcome === "broken") return "broken";
  return blame ? byBlame[blame] : undefined;
}

/** One sentence on what happened, whose fault it was, and what to do. */
export function Cause({ request }: { readonly request: Asked }) {
  const { t } = useTranslation();
  const format = useFormat();
  const cause = causeOf(request);
  const account = request.account?.name ?? "";
  const ms = format.duration(request.totalMs);
  const count = request.tries.length;
  if (cause === undefined)
    return (
      <Alert color="green" mb="md">
        {count > 1 ? t("cause.servedAfter", { account, ms, count }) : t("cause.served", { account, ms })}
      </Alert>
    );
  const refused = [...request.tries].reverse().find(({ status, reason }) => status >= 400 && reason !== "");
  const own = request.failure?.slice((request.failure.split(":")[0] ?? "").length + 1).trim();
  return (
    <Alert
      mb="md"
      color={request.blame === "client" || request.blame === null ? "yellow" : "red"}
      title={t(`causes.${cause}.what`)}
    >
      {refused ? (
        <p style={{ margin: 0, overflowWrap: "anywhere" }}>
          {t("cause.said", { account: refused.account.name, status: refused.status, said: refused.reason })}
        </p>
      ) : (
        own && <p style={{ margin: 0, overflowWrap: "anywhere" }}>{own}</p>
      )}
      <p style={{ margin: "6px 0 0" }}>
        {request.blame && <b>{t("cause.caused", { who: t(`blames.${request.blame}`) })}. </b>}
        {request.clientStatus !== request.status && <>{t("cause.told", { status: request.clientStatus })} </>}
        {t(`causes.${cause}.todo`)}
      </p>
    </Alert>
  );
}
