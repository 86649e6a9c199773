import { ActionIcon, Burger } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { spotlight } from "@mantine/spotlight";
import { Search } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Route, Switch, useLocation } from "wouter";
import { useQuestion } from "../parts/ask.ts";
import { Loading } from "../parts/empty.tsx";
import { Boundary } from "./boundary.tsx";
import { Brand } from "./brand.tsx";
import { Navigation } from "./navigation.tsx";
import { NotFound } from "./not-found.tsx";
import { pages } from "./places.ts";
import { useShortcuts } from "./shortcuts.ts";
import { useScrollPlace } from "./scroll-place.ts";
import classes from "./shell.module.css";

const Finder = lazy(() => import("./finder.tsx"));
const MobileMenu = lazy(() => import("./mobile-menu.tsx"));
const Questions = lazy(() => import("../parts/questions.tsx"));
const ShortcutsDialog = lazy(() => import("./shortcuts-dialog.tsx"));

/** The frame around every page of the operator: where one can go, what one can find, who one is. */
export function Shell({ username }: { readonly username: string }) {
  const { t } = useTranslation();
  const [isOpen, menu] = useDisclosure(false);
  const [location] = useLocation();
  const [isFinding, setFinding] = useState(false);
  const [isHelping, help] = useDisclosure(false);
  // Its code comes when it is first asked for.
  const find = useCallback(() => {
    setFinding(true);
    spotlight.open();
  }, []);
  useShortcuts({ find, help: help.open });
  useScrollPlace(location);
  const question = useQuestion();
  // Once opened it stays, so that it can slide away.
  const [hasOpened, setOpened] = useState(false);
  if (isOpen && !hasOpened) setOpened(true);
  const navigation = { username, find, help: help.open };
  useEffect(menu.close, [location]);
  return (
    <div className={classes.frame}>
      <a href="#main" className="skip">
        {t("shell.skip")}
      </a>
      <aside className={classes.side}>
        <Brand />
        <Navigation {...navigation} />
      </aside>
      <header className={classes.top}>
        <Burger size="sm" opened={isOpen} onClick={menu.toggle} aria-label={t("shell.menu")} />
        <Brand />
        <ActionIcon size="lg" aria-label={t("shell.find")} onClick={find}>
          <Search size={18} />
        </ActionIcon>
      </header>
      <main id="main" className={classes.main} tabIndex={-1}>
        <Boundary place={location}>
          <Suspense fallback={<Loading />}>
            <Switch>
              {pages.map(({ path, component }) => (
                <Route key={path} path={path} component={component} />
              ))}
              <Route component={NotFound} />
            </Switch>
          </Suspense>
        </Boundary>
      </main>
      <Suspense>
        {isFinding && <Finder />}
        {hasOpened && <MobileMenu isOpen={isOpen} close={menu.close} {...navigation} />}
        {question && <Questions question={question} />}
        {isHelping && <ShortcutsDialog close={help.close} />}
      </Suspense>
    </div>
  );
}
