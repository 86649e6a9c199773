import { Alert, Button, SegmentedControl } from "@mantine/core";
import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, Redirect } from "wouter";
import { useAccounts } from "../../api/accounts.ts";
import { useKeyCount } from "../../api/keys.ts";
import { usePulse } from "../../api/pulse.ts";
import type { Overview } from "../../api/usage.ts";
import { useOverview } from "../../api/usage.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { Ranking, Stat, Stats, TokenClasses } from "../../parts/figures.tsx";
import { useFilters } from "../../parts/filters.ts";
import { useFormat } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
import { AccountsNow } from "./accounts-now.tsx";
import { Change } from "./change.tsx";
import { Commands } from "./commands.tsx";
import { Explore } from "./explore.tsx";
import { Live, Pulse } from "./live.tsx";
import classes from "./dashboard.module.css";

const names = ["days"] as const;
const spans = ["7", "14", "30"] as const;

/** The state of things in one look. With nothing connected yet it leads to the guided path. */
export default function Dashboard() {
  const { t } = useTranslation();
  const accounts = useAccounts();
  const keys = useKeyCount();
  const [{ days }, set] = useFilters(names);
  const overview = useOverview(Number(days) || 30, usePulse(60_000));
  if (accounts.data?.length === 0 || keys.data === 0) return <Redirect to="/start" replace />;
  return (
    <Page
      title={t("places.dashboard")}
      actions={
        <>
          <SegmentedControl
            aria-label={t("usage.span")}
            value={days || "30"}
            onChange={(next) => set({ days: next === "30" ? "" : next })}
            data={spans.map((value) => ({ value, label: t("usage.lastDays", { count: Number(value) }) }))}
          />
          <Button component={Link} href="/keys/new" leftSection={<Plus size={16} />}>
            {t("keys.create")}
          </Button>
        </>
      }
    >
      {overview.isPending && <Loading rows={5} height={90} />}
      {overview.isError && !overview.data && (
        <div className="card">
          <Failing error={overview.error} retry={() => void overview.refetch()} />
        </div>
      )}
      {overview.data && <Shown overview={overview.data} days={Number(days) || 30} />}
    </Page>
  );
}

function Shown({ overview, days }: { readonly overview: Overview; readonly days: number }) {
  const { t } = useTranslation();
  return (
    <>
      {overview.isBehind && (
        <Alert color="yellow" mb="md">
          {t("usage.isBehind")}
        </Alert>
      )}
      <Today overview={overview} />
      <div className={classes.grid}>
        <Explore overview={overview} days={days} />
        <Box title={t("usage.byModel")}>
          <Ranking rows={overview.models} />
        </Box>
        <Box title={t("usage.byKey")} more="/keys">
          <Ranking rows={overview.keys} href={({ id }) => `/keys/${id}`} />
        </Box>
        <Box title={t("usage.byAccount")} more="/accounts">
          <Ranking rows={overview.accounts} href={({ id }) => (id ? `/accounts/${id}` : undefined)} />
        </Box>
        <Box title={t("usage.accountsNow")} more="/accounts" isWider>
          <AccountsNow />
        </Box>
        <div className={classes.pile}>
          <Box title={t("usage.live")} beside={<Pulse />}>
            <Live />
          </Box>
          <Box title={t("usage.tokensToday")}>
            <TokenClasses figures={overview.today} />
          </Box>
          <Box title={t("usage.commands")}>
            <Commands commands={overview.commands} />
          </Box>
        </div>
      </div>
    </>
  );
}

interface BoxProps {
  readonly title: string;
  readonly more?: string;
  readonly beside?: ReactNode;
  readonly isWider?: boolean;
  readonly children: ReactNode;
}

function Box({ title, more, beside, isWider, children }: BoxProps) {
  const { t } = useTranslation();
  return (
    <section className={isWider ? `card ${classes.box} ${classes.wider}` : `card ${classes.box}`}>
      <div className={classes.head}>
        <h2>{title}</h2>
        {beside}
        {more && (
          <Link href={more} aria-label={`${t("usage.all")}: ${title}`}>
            {t("usage.all")}
          </Link>
        )}
      </div>
      {children}
    </section>
  );
}

function Today({ overview: { today, yesterday } }: { readonly overview: Overview }) {
  const { t } = useTranslation();
  const format = useFormat();
  const ms = (value: number | null) => (value === null ? "–" : format.duration(value));
  return (
    <Stats>
      <Stat
        label={t("usage.requestsToday")}
        value={format.compact(today.requests)}
        under={<Change now={today.requests} before={yesterday.requests} />}
      />
      <Stat
        label={t("usage.tokensOfToday")}
        value={format.compact(today.tokens)}
        under={<Change now={today.tokens} before={yesterday.tokens} />}
      />
      <Stat
        label={t("usage.costToday")}
        value={format.usd(today.costUsd)}
        under={
          <>
            <Change now={today.costUsd} before={yesterday.costUsd} />
            {today.undeliveredUsd > 0 && <div>{t("usage.undelivered", { usd: format.usd(today.undeliveredUsd) })}</div>}
          </>
        }
      />
      <Stat
        label={t("usage.errorRate")}
        value={format.percent(today.errorRate)}
        under={t("usage.yesterdayWas", { value: format.percent(yesterday.errorRate) })}
      />
      <Stat
        label={t("usage.firstToken")}
        value={ms(today.firstMs)}
        under={t("usage.yesterdayWas", { value: ms(yesterday.firstMs) })}
      />
    </Stats>
  );
}
