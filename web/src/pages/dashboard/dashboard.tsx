import { useTranslation } from "react-i18next";
import { useAccounts } from "../../api/accounts.ts";
import { useKeyCount } from "../../api/keys.ts";
import { Redirect } from "wouter";
import { Loading } from "../../parts/empty.tsx";
import { Page } from "../../parts/page.tsx";

export default function Dashboard() {
  const { t } = useTranslation();
  const accounts = useAccounts();
  const keys = useKeyCount();
  if (accounts.isPending || keys.isPending) return <Loading />;
  if (accounts.data?.length === 0 || keys.data === 0) return <Redirect to="/start" />;
  return <Page title={t("places.dashboard")}>{null}</Page>;
}
