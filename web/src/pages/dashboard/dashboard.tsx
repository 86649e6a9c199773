import { Alert, Button } from "@mantine/core";
import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, Redirect } from "wouter";
import { useAccounts } from "../../api/accounts.ts";
import { useKeyCount } from "../../api/keys.ts";
import { type Spans, useSpans } from "../../api/days.ts";
import { usePulse } from "../../api/pulse.ts";
import type { Figures, Overview } from "../../api/usage.ts";
import { useOverview } from "../../api/usage.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { Ranking, Stat, Stats, TokenClasses, Usd } from "../../parts/figures.tsx";
import { useFormat } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
import { type Span, SpanControl, spanQuery, useDays, useSpan } from "../../parts/span.tsx";
import { AccountsNow } from "./accounts-now.tsx";
import { Attention } from "./attention.tsx";
import { Change } from "./change.tsx";
import { Commands } from "./commands.tsx";
import { Explore } from "./explore.tsx";
import { Live, Pulse } from "./live.tsx";
import classes from "./dashboard.module.css";

/** The state of things in one look. With nothing connected yet it leads to the guided path. */
export default function Dashboard() {
  const { t } = useTranslation();
  const accounts = useAccounts();
  const keys = useKeyCount();
  const [span] = useSpan("7");
  const pulse = usePulse(60_000);
  const overview = useOverview(span, pulse);
  const spans = useSpans({ from: span.from, to: span.to }, pulse, span.isCompared);
  if (accounts.data?.length === 0 || keys.data === 0) return <Redirect to="/start" replace />;
  return (
    <Page
      title={t("places.dashboard")}
      actions={
        <>
          <SpanControl fallback="7" compares />
          <Button component={Link} href="/keys/new" leftSection={<Plus size={16} />}>
            {t("common.createKey")}
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
      {overview.data && (
        <Shown overview={overview.data} span={span} before={span.isCompared ? spans.data?.before : undefined} />
      )}
    </Page>
  );
}

interface ShownProps {
  readonly overview: Overview;
  readonly span: Span;
  readonly before: Spans["before"] | undefined;
}

function Shown({ overview, span, before }: ShownProps) {
  const { t } = useTranslation();
  const query = spanQuery(span);
  const behind = (filter: Record<string, string>) => `/requests${spanQuery(span, filter)}`;
  return (
    <>
      {overview.isBehind && (
        <Alert color="yellow" mb="md">
          {t("usage.isBehind")}
        </Alert>
      )}
      <Attention />
      <Tiles figures={overview.span} before={before} />
      <div className={classes.grid}>
        <Explore overview={overview} span={span} before={before} />
        <Box title={t("usage.byModel")}>
          <Ranking rows={overview.models} href={({ id }) => behind({ model: id })} />
        </Box>
        <Box title={t("usage.byKey")} more="/keys">
          <Ranking rows={overview.keys} href={({ id }) => `/keys/${id}${query}`} />
        </Box>
        <Box title={t("usage.byAccount")} more="/accounts">
          <Ranking rows={overview.accounts} href={({ id }) => (id ? `/accounts/${id}${query}` : undefined)} />
        </Box>
        <Box title={t("usage.accountsNow")} more="/accounts" isWider>
          <AccountsNow />
        </Box>
        <div className={classes.pile}>
          <Box title={t("usage.live")} beside={<Pulse />}>
            <Live />
          </Box>
          <Box title={t("usage.tokensOf")}>
            <TokenClasses figures={overview.span} />
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

interface TilesProps {
  readonly figures: Figures;
  readonly before: Spans["before"] | undefined;
}

function Tiles({ figures, before }: TilesProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const write = useDays();
  const days = before ? write(before) : "";
  const was = before?.figures;
  const ms = (value: number | null) => (value === null ? "–" : format.duration(value));
  const wasText = (value: string) => t("usage.was", { value, days });
  return (
    <Stats>
      <Stat
        label={t("measures.requests")}
        value={format.compact(figures.requests)}
        under={<Change now={figures.requests} before={was?.requests} days={days} />}
      />
      <Stat
        label={t("measures.tokens")}
        value={format.compact(figures.tokens)}
        under={<Change now={figures.tokens} before={was?.tokens} days={days} />}
      />
      <Stat
        label={t("measures.costUsd")}
        value={<Usd value={figures.costUsd} />}
        under={
          <>
            <Change now={figures.costUsd} before={was?.costUsd} days={days} />
            {figures.undeliveredUsd > 0 && (
              <div>{t("usage.undelivered", { usd: format.usd(figures.undeliveredUsd) })}</div>
            )}
          </>
        }
      />
      <Stat
        label={t("usage.errorRate")}
        value={format.percent(figures.errorRate)}
        under={was && wasText(format.percent(was.errorRate))}
      />
      <Stat label={t("usage.firstToken")} value={ms(figures.firstMs)} under={was && wasText(ms(was.firstMs))} />
    </Stats>
  );
}
