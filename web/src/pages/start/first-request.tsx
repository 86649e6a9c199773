import { Anchor, Group, Loader, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CircleCheck, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { usePulse } from "../../api/pulse.ts";
import { readLatest } from "../../api/usage.ts";
import { useFormat } from "../../parts/format.ts";
import classes from "./start.module.css";

/** Waits for the first request of a key and says when it came, and how it went: the proof that the set-up works. */
export function FirstRequest({ keyId }: { readonly keyId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const pulse = usePulse(3_000);
  const found = useQuery({
    queryKey: ["usage", "first", keyId],
    queryFn: async () => (await readLatest()).items.find(({ key }) => key.id === keyId) ?? null,
    refetchInterval: ({ state }) => (state.data && state.data.status < 400 ? false : pulse),
    staleTime: 0,
  });
  const request = found.data ?? undefined;
  const state = request === undefined ? "waiting" : request.status < 400 ? "received" : "refused";
  return (
    <Group className={classes.waiting} data-state={state} gap="sm" role="status" wrap="nowrap">
      {state === "waiting" && <Loader size={16} />}
      {state === "received" && <CircleCheck size={20} color="var(--good)" aria-hidden />}
      {state === "refused" && <TriangleAlert size={20} color="var(--warn)" aria-hidden />}
      <div>
        <Text fw={550}>{t(`useIt.${state}`)}</Text>
        <Text c="dimmed" size="sm">
          {request === undefined
            ? t("useIt.waitingNote")
            : t("useIt.arrived", {
                model: request.model ?? "–",
                status: request.failure ?? request.status,
                ms: format.duration(request.totalMs),
              })}{" "}
          {request && (
            <Anchor component={Link} size="sm" href={`/requests?request=${request.logId}`}>
              {t("useIt.look")}
            </Anchor>
          )}
        </Text>
      </div>
    </Group>
  );
}
