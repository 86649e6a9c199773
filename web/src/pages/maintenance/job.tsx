import { Anchor, Button } from "@mantine/core";
import { Play } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { useAccounts } from "../../api/accounts.ts";
import type { JobRun, Maintenance } from "../../api/maintenance.ts";
import { runMaintenance } from "../../api/maintenance.ts";
import { useAct } from "../../parts/act.ts";
import { useFormat } from "../../parts/format.ts";
import { useNow } from "../../parts/now.ts";
import rows from "../../parts/rows.module.css";
import { State, type Tone } from "../../parts/state.tsx";
import { useTell } from "../../parts/tell.tsx";
import classes from "./maintenance.module.css";
import { problemsOf, useWords } from "./report.ts";

type Job = Maintenance["jobs"][number];

const tones: Record<JobRun["outcome"], Tone> = { done: "good", idle: "good", busy: "off", failed: "bad" };
const toneOf = (run: JobRun): Tone =>
  run.outcome === "done" && problemsOf(run).length > 0 ? "warn" : tones[run.outcome];

/** One job: what it is for, how its last run ended, earlier ones, and a button to run it now. */
export function JobRow({ job }: { readonly job: Job }) {
  const { t } = useTranslation();
  const { act, isBusy } = useAct();
  const tell = useTell();
  const words = useWords();
  const name = t(`maintenance.job.${job.name}`);
  const [last, ...earlier] = job.runs;
  const run = () =>
    act(async () => {
      const made = await runMaintenance(job.name);
      if (made.outcome !== "failed") tell.done(`${name}: ${words(made)}`);
    });
  return (
    <li className={classes.job}>
      <div className={rows.main}>
        <span className={rows.name}>{name}</span>
        <span className={rows.sub}>{t(`maintenance.jobNote.${job.name}`)}</span>
        <When job={job} />
        {last ? <RunLine run={last} /> : <p className={classes.run}>{t("maintenance.never")}</p>}
        {earlier.length > 0 && (
          <details className={classes.earlier}>
            <summary>{t("maintenance.earlier", { count: earlier.length })}</summary>
            {earlier.map((each) => (
              <RunLine key={each.startedAt} run={each} />
            ))}
          </details>
        )}
      </div>
      <div className={rows.side}>
        <Button
          size="xs"
          variant="default"
          leftSection={<Play size={14} />}
          loading={isBusy}
          aria-label={t("maintenance.runOf", { job: name })}
          onClick={() => void run()}
        >
          {t("maintenance.run")}
        </Button>
      </div>
    </li>
  );
}

function When({ job: { intervalMinutes, nextAt } }: { readonly job: Job }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const next =
    nextAt !== null && nextAt > now ? ` · ${t("maintenance.next", { at: format.relative(nextAt, now) })}` : "";
  return (
    <span className={`${rows.sub} tabular`}>
      {t("maintenance.every", { count: intervalMinutes })}
      {next}
    </span>
  );
}

function RunLine({ run }: { readonly run: JobRun }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useWords();
  const accounts = useAccounts();
  return (
    <div className={classes.run}>
      <State tone={toneOf(run)}>
        <span>
          {run.outcome === "failed" ? t("maintenance.failed") : words(run)}{" "}
          <span className={classes.at}>
            · <time dateTime={new Date(run.startedAt).toISOString()}>{format.time(run.startedAt)}</time> ·{" "}
            {format.duration(run.ms)}
          </span>
        </span>
      </State>
      {run.failure && (
        <p className={classes.problem}>
          {run.failure.message} <span className="mono">{run.failure.code}</span>
        </p>
      )}
      {problemsOf(run).map(({ account, reason }) => (
        <p key={account} className={classes.problem}>
          <Anchor component={Link} href={`/accounts/${account}`} inherit>
            {accounts.data?.find(({ id }) => id === account)?.name ?? account}
          </Anchor>
          : {reason}
        </p>
      ))}
    </div>
  );
}
