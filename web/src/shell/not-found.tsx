import { Button } from "@mantine/core";
import { Compass } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { Empty } from "../parts/empty.tsx";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Empty
      icon={<Compass size={20} />}
      title={t("shell.notFound.title")}
      action={
        <Button component={Link} href="/" variant="default">
          {t("shell.notFound.home")}
        </Button>
      }
    >
      {t("shell.notFound.detail")}
    </Empty>
  );
}
