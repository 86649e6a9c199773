import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { useFilters } from "../../parts/filters.ts";
import { Page } from "../../parts/page.tsx";
import { Connect } from "./connect.tsx";

const names = ["kind"] as const;

export default function ConnectPage() {
  const { t } = useTranslation();
  const [{ kind }, set] = useFilters(names);
  return (
    <Page
      isNarrow
      title={t("accounts.connect")}
      note={t("accounts.connectNote")}
      back={{ href: "/accounts", label: t("places.accounts") }}
    >
      <Connect
        key={kind}
        kind={kind}
        choose={(chosen) => set({ kind: chosen })}
        next={(account) => (
          <>
            <Button component={Link} href="/keys/new">
              {t("common.createKey")}
            </Button>
            <Button component={Link} href={`/accounts/${account.id}`} variant="default">
              {t("accounts.openIt")}
            </Button>
          </>
        )}
      />
    </Page>
  );
}
