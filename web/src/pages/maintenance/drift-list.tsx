import { Anchor, Button } from "@mantine/core";
import { Wrench } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Drift } from "../../api/maintenance.ts";
import { mendDrift } from "../../api/maintenance.ts";
import { useAct } from "../../parts/act.ts";
import { useFormat } from "../../parts/format.ts";
import rows from "../../parts/rows.module.css";
import { State } from "../../parts/state.tsx";
import classes from "./maintenance.module.css";
import type { Found } from "./use-check.ts";

interface Props {
  readonly found: readonly Found[];
  readonly replace: (drift: Drift) => void;
}

/** Keys whose meters are off, to be set right one by one or all after each other. */
export function DriftList({ found, replace }: Props) {
  const { t } = useTranslation();
  const { act, isBusy } = useAct();
  const off = found.filter(({ drift }) => !drift.isMended);
  // One that is in use is refused, which must not keep the others from being set right.
  const mendAll = async () => {
    for (const { drift } of off) await act(async () => replace(await mendDrift(drift.key)));
  };
  return (
    <>
      {off.length > 1 && (
        <Button
          className={classes.all}
          size="xs"
          leftSection={<Wrench size={14} />}
          loading={isBusy}
          onClick={() => void mendAll()}
        >
          {t("drift.mendAll", { count: off.length })}
        </Button>
      )}
      {found.length > 0 && (
        <ul className={`${rows.list ?? ""} ${classes.found ?? ""}`}>
          {found.map(({ name, drift }) => (
            <Row key={drift.key} name={name} drift={drift} replace={replace} />
          ))}
        </ul>
      )}
    </>
  );
}

interface RowProps extends Found {
  readonly replace: (drift: Drift) => void;
}

/** A key whose meters are off: by how much, in which period, and a button to set them right. */
function Row({ name, drift, replace }: RowProps) {
  const { t } = useTranslation();
  const { act, isBusy } = useAct();
  const mend = () => act(async () => replace(await mendDrift(drift.key)), t("drift.mended", { name }));
  const off = drift.meters.filter((meter) => isOff(meter));
  return (
    <li>
      <div className={rows.main}>
        <span className={rows.name}>
          <Anchor component={Link} href={`/keys/${drift.key}`} fw={550} inherit>
            {name}
          </Anchor>
        </span>
        {off.map((meter) => (
          <MeterLine key={meter.period} meter={meter} />
        ))}
      </div>
      <div className={rows.side}>
        {drift.isMended ? (
          <State tone="good">{t("drift.isMended")}</State>
        ) : (
          <Button
            size="xs"
            variant="default"
            leftSection={<Wrench size={14} />}
            aria-label={t("drift.mendOf", { name })}
            loading={isBusy}
            onClick={() => void mend()}
          >
            {t("drift.mend")}
          </Button>
        )}
      </div>
    </li>
  );
}

type Meter = Drift["meters"][number];

const isOff = ({ tokens, costUsd, families }: Meter) =>
  tokens !== 0 || costUsd !== 0 || Object.keys(families).length > 0;

function MeterLine({ meter: { period, meter, log, tokens, costUsd } }: { readonly meter: Meter }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = [
    ...(costUsd === 0
      ? []
      : [t("drift.differs", { meter: format.usd(meter.costUsd), log: format.usd(log?.costUsd ?? 0) })]),
    ...(tokens === 0
      ? []
      : [t("drift.differsTokens", { meter: format.number(meter.tokens), log: format.number(log?.tokens ?? 0) })]),
  ];
  return (
    <span className={`${rows.sub} tabular`}>
      {t(`drift.periods.${period}`)}: {words.join(" · ") || t("drift.families")}
    </span>
  );
}
