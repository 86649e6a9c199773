import { Drawer, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { AuditRow } from "../../api/watch.ts";
import { useFormat } from "../../parts/format.ts";
import accountClasses from "../accounts/accounts.module.css";
import classes from "../requests/requests.module.css";
import { useDeeds } from "./deeds.ts";

/** One change: who made it, and field by field what stood before and stands after. */
export function AuditDrawer({ row, close }: { readonly row: AuditRow | undefined; readonly close: () => void }) {
  const { t } = useTranslation();
  const deeds = useDeeds();
  return (
    <Drawer
      opened={row !== undefined}
      onClose={close}
      size={640}
      position="right"
      title={<Text fw={600}>{row ? deeds.of(row.operation) : t("audit.one")}</Text>}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {row && <Detail row={row} />}
    </Drawer>
  );
}

function Detail({ row }: { readonly row: AuditRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const facts: [string, string][] = [
    [t("audit.operation"), row.operation],
    [t("audit.when"), format.time(row.at)],
    [t("audit.who"), row.who],
    [t("audit.ip"), row.ip],
    [t("audit.on"), row.target || "–"],
    [t("audit.status"), row.failure ? `${row.status} · ${row.failure}` : String(row.status)],
    [t("audit.number"), String(row.number)],
    [t("audit.request"), row.request],
    ["SHA-256", row.hash],
  ];
  return (
    <>
      <dl className={accountClasses.dl}>
        {facts.map(([label, value]) => [
          <dt key={`${label}-name`}>{label}</dt>,
          <dd key={label} style={{ overflowWrap: "anywhere" }}>
            {value}
          </dd>,
        ])}
      </dl>
      <Difference before={row.before ?? {}} after={row.after ?? {}} />
    </>
  );
}

type Fields = Record<string, unknown>;

function Difference({ before, after }: { readonly before: Fields; readonly after: Fields }) {
  const { t } = useTranslation();
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  if (fields.length === 0)
    return (
      <Text c="dimmed" mt="md">
        {t("audit.nothing")}
      </Text>
    );
  return (
    <div className={classes.scroll}>
      <table className={classes.table} style={{ marginTop: 16 }}>
        <thead>
          <tr>
            <th>{t("audit.field")}</th>
            <th>{t("audit.before")}</th>
            <th>{t("audit.after")}</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field} style={{ cursor: "default" }}>
              <td>{field}</td>
              <td>
                <Value value={before[field]} />
              </td>
              <td>
                <Value value={after[field]} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Value({ value }: { readonly value: unknown }) {
  const words = value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value, null, 1);
  return (
    <span className="mono" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
      {words}
    </span>
  );
}
