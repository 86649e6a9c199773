import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, take, type Schemas } from "../../api/client.ts";
import { queryClient } from "../../api/query.ts";
import { useAct } from "../../parts/act.ts";
import { Failing } from "../../parts/empty.tsx";
import { useFormat } from "../../parts/format.ts";

const queryKey = ["sessions"];
type Listed = Schemas["SessionList"]["items"][number];

/** Who is signed in from where; each can be ended. */
export function Sessions() {
  const { t } = useTranslation();
  const { act, isBusy } = useAct();
  const sessions = useQuery({ queryKey, queryFn: () => take(api.GET("/admin/session/list")) });
  const end = async (work: () => Promise<unknown>) => {
    await act(work, t("sessions.ended"));
    await queryClient.invalidateQueries({ queryKey });
  };
  const endOthers = () => end(() => take(api.DELETE("/admin/session/list")));
  const endOne = ({ id }: Listed) =>
    end(() => take(api.DELETE("/admin/session/list/{id}", { params: { path: { id } } })));
  const items = sessions.data?.items ?? [];
  return (
    <section className="card" style={{ padding: 24 }}>
      <Stack>
        <Group justify="space-between" align="flex-start">
          <div>
            <h2 style={{ margin: 0, fontSize: 15 }}>{t("sessions.title")}</h2>
            <Text c="dimmed">{t("sessions.note")}</Text>
          </div>
          {items.length > 1 && (
            <Button variant="default" loading={isBusy} onClick={() => void endOthers()}>
              {t("sessions.endOthers")}
            </Button>
          )}
        </Group>
        {sessions.isError && <Failing error={sessions.error} retry={() => void sessions.refetch()} />}
        {items.map((session) => (
          <Row key={session.id} session={session} isBusy={isBusy} end={() => void endOne(session)} />
        ))}
      </Stack>
    </section>
  );
}

interface RowProps {
  readonly session: Listed;
  readonly isBusy: boolean;
  end(): void;
}

function Row({ session, isBusy, end }: RowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { ip, agent, kind, isThis } = session;
  return (
    <Group justify="space-between" wrap="nowrap">
      <div style={{ minWidth: 0 }}>
        <Text fw={500}>
          {t(`sessions.${kind}`)} {isThis && `· ${t("sessions.this")}`}
        </Text>
        <Text c="dimmed">{t("sessions.since", { ip, at: format.time(session.createdAt) })}</Text>
        <Text c="dimmed" truncate title={agent}>
          {agent || "–"}
        </Text>
      </div>
      {!isThis && (
        <Button
          size="xs"
          variant="default"
          disabled={isBusy}
          aria-label={t("sessions.endOf", { agent: agent || t(`sessions.${kind}`), ip })}
          onClick={end}
        >
          {t("sessions.end")}
        </Button>
      )}
    </Group>
  );
}
