import { Drawer, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { RequestDetail } from "../../api/usage.ts";
import { useRequest } from "../../api/usage.ts";
import { Copy } from "../../parts/copy.tsx";
import { Failing, Loading } from "../../parts/empty.tsx";
import { useFormat } from "../../parts/format.ts";
import accountClasses from "../accounts/accounts.module.css";
import { Costs } from "./costs.tsx";
import { Status } from "./status.tsx";
import { Waterfall } from "./waterfall.tsx";
import classes from "./requests.module.css";

/** Why a call went as it did: the account, the tries, the times, the price. */
export function RequestDrawer({ id, close }: { readonly id: string; readonly close: () => void }) {
  const { t } = useTranslation();
  const request = useRequest(id);
  return (
    <Drawer
      opened={id !== ""}
      onClose={close}
      size={560}
      title={<Text fw={600}>{t("requests.one")}</Text>}
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
            <span key="session" className="mono">
              {request.session}
            </span>,
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
                {t("requests.try", {
                  number: index + 1,
                  account: one.account.name,
                  status: one.status,
                  ms: format.duration(one.ms),
                })}
                {one.reason && ` · ${one.reason}`} · {t(`charges.${one.charge}`)}
              </li>
            ))}
            {request.passedOver.map((one) => (
              <li key={one.account.id}>
                <Text span c="dimmed">
                  {t("requests.passedOver", { account: one.account.name, reason: one.reason })}
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
