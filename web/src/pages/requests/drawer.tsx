import { ActionIcon, Drawer, Group, Text } from "@mantine/core";
import { ChevronDown, ChevronUp } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { RequestDetail } from "../../api/usage.ts";
import { useRequest } from "../../api/usage.ts";
import { Copy } from "../../parts/copy.tsx";
import { Failing, Loading } from "../../parts/empty.tsx";
import { useFormat } from "../../parts/format.ts";
import { areLettersOn } from "../../parts/letters.ts";
import accountClasses from "../accounts/accounts.module.css";
import { Cause } from "./cause.tsx";
import { Costs } from "./costs.tsx";
import { reasonWords } from "./reason-words.ts";
import { Status } from "./status.tsx";
import { Waterfall } from "./waterfall.tsx";
import classes from "./requests.module.css";

interface Props {
  readonly id: string;
  readonly close: () => void;
  /** The log ids of the list behind it, for going to the next one. */
  readonly ids?: readonly string[];
  readonly open?: (id: string) => void;
}

/** Why a call went as it did: the account, the tries, the times, the price. J and K go to the next and the previous one. */
export default function RequestDrawer({ id, close, ids = [], open }: Props) {
  const { t } = useTranslation();
  const request = useRequest(id);
  const place = ids.indexOf(id);
  const go = (step: 1 | -1) => {
    const next = place < 0 ? undefined : ids[place + step];
    if (next !== undefined) open?.(next);
  };
  const press = useRef(go);
  press.current = go;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (id === "" || event.ctrlKey || event.metaKey || event.altKey || !areLettersOn()) return;
      if (event.key === "j" || event.key === "k") press.current(event.key === "j" ? 1 : -1);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [id]);
  return (
    <Drawer
      opened={id !== ""}
      onClose={close}
      size={560}
      title={
        <Group gap={4}>
          <Text fw={600} mr="xs">
            {t("requests.one")}
          </Text>
          {place >= 0 && (
            <>
              <ActionIcon
                aria-label={t("log.previous")}
                title={t("log.previous")}
                disabled={place === 0}
                onClick={() => go(-1)}
              >
                <ChevronUp size={16} />
              </ActionIcon>
              <ActionIcon
                aria-label={t("log.next")}
                title={t("log.next")}
                disabled={place === ids.length - 1}
                onClick={() => go(1)}
              >
                <ChevronDown size={16} />
              </ActionIcon>
            </>
          )}
        </Group>
      }
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {request.isPending && id !== "" && <Loading />}
      {request.isError && <Failing error={request.error} retry={() => void request.refetch()} />}
      {request.data && <Detail request={request.data} />}
    </Drawer>
  );
}

function Detail({ request }: { readonly request: RequestDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const rows: [string, ReactNode][] = [
    [t("requests.status"), <Status key="status" row={request} isWhole />],
    ...(request.clientStatus === request.status
      ? []
      : ([[t("log.clientStatus"), String(request.clientStatus)]] as [string, ReactNode][])),
    ...(request.blame ? [[t("requests.blame"), t(`blames.${request.blame}`)] as [string, ReactNode]] : []),
    [t("requests.when"), format.time(request.at)],
    [
      t("keys.key"),
      <Link key="key" href={`/keys/${request.key.id}`}>
        {request.key.name}
      </Link>,
    ],
    [
      t("accounts.account"),
      request.account ? (
        <Link key="account" href={`/accounts/${request.account.id}`}>
          {request.account.name}
        </Link>
      ) : (
        "–"
      ),
    ],
    [
      t("requests.model"),
      request.upstreamModel && request.upstreamModel !== request.model
        ? `${request.model ?? "–"} → ${request.upstreamModel}`
        : (request.model ?? "–"),
    ],
    [
      t("requests.route"),
      `${request.dialect} · ${request.operation}${request.isStream ? ` · ${t("requests.stream")}` : ""}`,
    ],
    [t("requests.client"), request.client ?? "–"],
    [t("requests.ip"), request.ip || "–"],
    ...(request.session
      ? ([
          [
            t("requests.session"),
            <Link
              key="session"
              className="mono"
              href={`/requests?session=${encodeURIComponent(request.session)}`}
              title={t("log.allOfSession")}
            >
              {request.session}
            </Link>,
          ],
        ] as [string, ReactNode][])
      : []),
    [
      "ID",
      <span key="id" className="mono">
        {request.id} <Copy text={request.id} />
      </span>,
    ],
  ];
  return (
    <>
      <Cause request={request} />
      <dl className={`${accountClasses.dl} ${classes.part}`}>
        {rows.map(([label, value]) => [<dt key={`${label}-name`}>{label}</dt>, <dd key={label}>{value}</dd>])}
      </dl>
      <Part title={t("requests.times")}>
        <Waterfall request={request} />
      </Part>
      {request.tries.length > 0 && (
        <Part title={t("requests.why")}>
          <ul className={classes.list}>
            {request.tries.map((one, index) => (
              <li key={`${one.account.id}${one.startedMs}`}>
                {t("log.tryNumber", {
                  number: index + 1,
                  account: one.account.name,
                  status: one.status,
                  ms: format.duration(one.ms),
                })}{" "}
                · {t(`charges.${one.charge}`)}
                <Told of={one} />
              </li>
            ))}
            {request.passedOver.map((one) => (
              <li key={one.account.id}>
                <Text span c="dimmed">
                  {t("requests.passedOver", { account: one.account.name, reason: reasonWords(one.reason, t) })}
                </Text>
              </li>
            ))}
          </ul>
        </Part>
      )}
      <Part title={t("requests.costs")}>
        <Costs request={request} />
      </Part>
      <Part title={t("requests.rules")}>
        {request.rules.length === 0 ? (
          <Text c="dimmed">{t("requests.untouched")}</Text>
        ) : (
          <Lines lines={request.rules} />
        )}
      </Part>
      {request.meters.length > 0 && (
        <Part title={t("requests.meters")}>
          <Lines
            lines={request.meters.map(
              (meter) =>
                `${meter.row} ${meter.period}: +${format.number(meter.tokens)} · +${format.usd(meter.costUsd)}`,
            )}
          />
        </Part>
      )}
    </>
  );
}

/** What the provider said of a try, with its own code of the error and its own id of the call. */
function Told({ of }: { readonly of: RequestDetail["tries"][number] }) {
  const { t } = useTranslation();
  if (of.status < 400 && of.status !== 0) return null;
  return (
    <>
      {of.reason && <div>“{reasonWords(of.reason, t)}”</div>}
      {of.type && (
        <Text size="sm" c="dimmed">
          {t("log.type")}: <span className="mono">{of.type}</span>
        </Text>
      )}
      {of.requestId && (
        <Text size="sm" c="dimmed">
          {t("log.providerId")}: <span className="mono">{of.requestId}</span> <Copy text={of.requestId} />
        </Text>
      )}
    </>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={classes.part}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Lines({ lines }: { readonly lines: readonly string[] }) {
  return (
    <ul className={classes.list}>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
