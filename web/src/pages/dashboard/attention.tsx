import { TriangleAlert } from "lucide-react";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { useAttention, type Attention as Item } from "../../api/attention.ts";
import { countdown, useFormat, type Format } from "../../parts/format.ts";
import classes from "./attention.module.css";

const most = 4;

/** What needs a person, each with the place where it is mended. Nothing where nothing does. */
export function Attention() {
  const { t } = useTranslation();
  const format = useFormat();
  const items = useAttention().data ?? [];
  const [isWhole, setWhole] = useState(false);
  if (items.length === 0) return null;
  return (
    <section className={`card ${classes.box}`} aria-labelledby="attention">
      <h2 id="attention">
        <TriangleAlert size={16} aria-hidden />
        {t("attention.title", { count: items.length })}
      </h2>
      <ul>
        {items.slice(0, isWhole ? undefined : most).map((item) => (
          <li key={`${item.kind}${item.id}${item.detail ?? ""}`}>
            <span>
              <b>{item.kind === "job" ? t(`attention.jobs.${item.id as "rollup"}`) : item.name}</b>{" "}
              {describe(item, t, format)}
            </span>
            <Link href={placeOf(item)}>{t(`attention.do.${item.kind}`)}</Link>
          </li>
        ))}
      </ul>
      {items.length > most && !isWhole && (
        <button type="button" onClick={() => setWhole(true)}>
          {t("attention.more", { count: items.length - most })}
        </button>
      )}
    </section>
  );
}

function describe({ kind, detail, share, resetAt }: Item, t: TFunction, format: Format): string {
  const used = format.percent(share ?? 0);
  if (kind === "window")
    return resetAt === null
      ? t("attention.window", { window: detail, used })
      : t("attention.windowUntil", { window: detail, used, left: countdown(resetAt - Date.now()) });
  if (kind === "limit") return t(`attention.limit.${(detail ?? "daily") as "daily"}`);
  if (kind === "account-stopped" || kind === "job") return t(`attention.${kind}`, { why: detail ?? "" });
  return t(`attention.${kind}`);
}

function placeOf({ kind, id }: Item): string {
  if (kind === "limit") return `/keys/${id}?tab=settings`;
  if (kind === "leak") return `/keys/${id}`;
  if (kind === "unpriced") return "/prices";
  return kind === "job" ? "/maintenance" : `/accounts/${id}`;
}
