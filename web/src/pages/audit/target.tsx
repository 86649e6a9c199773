import { Anchor } from "@mantine/core";
import type { MouseEvent } from "react";
import { Link } from "wouter";
import { useAccounts } from "../../api/accounts.ts";
import { useGroups } from "../../api/settings.ts";
import type { AuditRow } from "../../api/watch.ts";
import classes from "../requests/requests.module.css";

const places = [
  [/Keys?$|^mendUsageDrift$|^forgetKeyLeak$/, (id: string) => `/keys/${id}`],
  [/Account(SignIn)?$/, (id: string) => `/accounts/${id}`],
  [/Group$/, () => "/groups"],
  [/AlertChannel$/, () => "/alerts"],
  [/^runMaintenance$/, () => "/maintenance"],
] as const;

const nameIn = (fields: AuditRow["after"]): string | undefined =>
  typeof fields?.name === "string" && fields.name !== "" ? fields.name : undefined;

/** The record that something was done to, by its name where that is known, and a way to it unless it is gone. */
export function Target({ row }: { readonly row: AuditRow }) {
  const accounts = useAccounts();
  const groups = useGroups();
  const [id = "", ...more] = row.target.split(" ");
  if (id === "") return <>–</>;
  const found = [...(accounts.data ?? []), ...(groups.data?.items ?? [])].find((one) => one.id === id)?.name;
  const name = nameIn(row.after) ?? nameIn(row.before) ?? found;
  const words = name ?? (id.length > 12 ? `${id.slice(0, 8)}…` : id);
  const isGone = /^(delete|purge)/.test(row.operation) && row.status < 400;
  const to = isGone ? undefined : places.find(([pattern]) => pattern.test(row.operation))?.[1](id);
  const text = <span className={name === undefined ? "mono" : ""}>{words}</span>;
  return (
    <span className={classes.clip} title={row.target}>
      {to ? (
        <Anchor component={Link} href={to} inherit onClick={(event: MouseEvent) => event.stopPropagation()}>
          {text}
        </Anchor>
      ) : (
        text
      )}
      {more.length > 0 && ` +${more.length}`}
    </span>
  );
}
