import { Center, Loader } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { ask, useStanding } from "../api/session.ts";
import { Failing } from "../parts/empty.tsx";
import { Shell } from "./shell.tsx";

const SignInPage = lazy(() => import("./sign-in.tsx").then(({ SignInPage: component }) => ({ default: component })));
const SignInOver = lazy(() => import("./sign-in.tsx").then(({ SignInOver: component }) => ({ default: component })));

/** Whoever is signed in gets in; whose session ended signs in over the page, which stays as it is. */
export function Door() {
  const standing = useStanding();
  const { t } = useTranslation();
  if (standing.kind === "asking") {
    return (
      <Center h="90vh">
        <Loader size="sm" aria-label={t("common.loading")} />
      </Center>
    );
  }
  if (standing.kind === "failed") return <Failing error={standing.error} retry={() => void ask()} />;
  if (standing.kind === "none") return <SignInPage />;
  return (
    <>
      <Shell username={standing.session.username} />
      <Suspense>{standing.kind === "ended" && <SignInOver username={standing.session.username} />}</Suspense>
    </>
  );
}
