import { Button, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useUnpriced } from "../../api/settings.ts";
import { Failing } from "../../parts/empty.tsx";
import { useFormat } from "../../parts/format.ts";
import rows from "../../parts/rows.module.css";

/** Models that answered of late and have no price; nothing where all have one. */
export function Unpriced({ set }: { readonly set: (model: string) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const unpriced = useUnpriced();
  const items = unpriced.data?.items ?? [];
  if (unpriced.isError)
    return (
      <div className="card" style={{ marginBottom: 18 }}>
        <Failing error={unpriced.error} retry={() => void unpriced.refetch()} />
      </div>
    );
  if (items.length === 0) return null;
  return (
    <section className="card" style={{ marginBottom: 18 }} aria-labelledby="unpriced">
      <div style={{ padding: "16px 18px 4px" }}>
        <h2 id="unpriced" className={rows.head}>
          {t("prices.unpriced")}
        </h2>
        <Text c="dimmed" size="sm">
          {t("prices.unpricedNote")}
        </Text>
      </div>
      <ul className={rows.list}>
        {items.map(({ model, requests, lastAt }) => (
          <li key={model}>
            <div className={rows.main}>
              <span className={rows.name}>{model}</span>
              <span className={rows.sub}>
                {t("prices.calls", { count: requests })} · {format.relative(lastAt, Math.max(lastAt, Date.now()))}
              </span>
            </div>
            <Button size="xs" variant="default" aria-label={t("prices.setOf", { model })} onClick={() => set(model)}>
              {t("prices.set")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
