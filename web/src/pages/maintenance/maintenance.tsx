import { Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useMaintenance } from "../../api/maintenance.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { Page } from "../../parts/page.tsx";
import rows from "../../parts/rows.module.css";
import { Drift } from "./drift.tsx";
import { JobRow } from "./job.tsx";

/** What the relay does by itself, what it came to, and whether the meters agree with the log. */
export default function Maintenance() {
  const { t } = useTranslation();
  const maintenance = useMaintenance();
  const { data } = maintenance;
  return (
    <Page isNarrow title={t("places.maintenance")} note={t("maintenance.note")}>
      <Stack gap="lg">
        <section className="card" aria-labelledby="jobs">
          <div className={rows.top}>
            <div>
              <h2 id="jobs" className={rows.head}>
                {t("maintenance.jobs")}
              </h2>
              <p>{t(data?.by === "qstash" ? "maintenance.byQstash" : "maintenance.byTimer")}</p>
            </div>
          </div>
          {maintenance.isPending && <Loading rows={3} height={64} />}
          {maintenance.isError && !data && (
            <Failing error={maintenance.error} retry={() => void maintenance.refetch()} />
          )}
          <ul className={rows.list}>
            {data?.jobs.map((job) => (
              <JobRow key={job.name} job={job} />
            ))}
          </ul>
        </section>
        <Drift />
      </Stack>
    </Page>
  );
}
