import { Group, Loader, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, take } from "../../api/client.ts";
import { usePulse } from "../../api/pulse.ts";
import classes from "./start.module.css";

/** Waits for the first request of a key and says when it came: the proof that the set-up works. */
export function FirstRequest({ keyId }: { readonly keyId: string }) {
  const { t } = useTranslation();
  const pulse = usePulse(3_000);
  const key = useQuery({
    queryKey: ["keys", "waiting", keyId],
    queryFn: () => take(api.GET("/admin/keys/{id}", { params: { path: { id: keyId } } })),
    refetchInterval: ({ state }) => (state.data?.firstUsedAt ? false : pulse),
    staleTime: 0,
  });
  const isThere = key.data?.firstUsedAt != null;
  return (
    <Group className={classes.waiting} data-there={isThere} gap="sm" role="status" wrap="nowrap">
      {isThere ? <CircleCheck size={20} color="var(--good)" aria-hidden /> : <Loader size={16} />}
      <div>
        <Text fw={550}>{t(isThere ? "useIt.received" : "useIt.waiting")}</Text>
        <Text c="dimmed" size="sm">
          {t(isThere ? "useIt.receivedNote" : "useIt.waitingNote")}
        </Text>
      </div>
    </Group>
  );
}
