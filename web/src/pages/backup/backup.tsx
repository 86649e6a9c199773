import { Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useBackup } from "../../api/backup.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { Page } from "../../parts/page.tsx";
import { Export } from "./export.tsx";
import { Import } from "./import.tsx";

/** All that the relay keeps as one file, and back from such a file. */
export default function Backup() {
  const { t } = useTranslation();
  const backup = useBackup();
  return (
    <Page isNarrow title={t("places.backup")} note={t("backup.note")}>
      {backup.isPending && (
        <div className="card">
          <Loading rows={4} height={56} />
        </div>
      )}
      {backup.isError && !backup.data && (
        <div className="card">
          <Failing error={backup.error} retry={() => void backup.refetch()} />
        </div>
      )}
      {backup.data && (
        <Stack gap="lg">
          <Export mostBytes={backup.data.mostBytes} />
          <Import mostBytes={backup.data.mostBytes} />
        </Stack>
      )}
    </Page>
  );
}
