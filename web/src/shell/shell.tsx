import { ActionIcon, Burger, Drawer } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { spotlight } from "@mantine/spotlight";
import { Search } from "lucide-react";
import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, Switch, useLocation } from "wouter";
import { Questions } from "../parts/ask.tsx";
import { Loading } from "../parts/empty.tsx";
import { Boundary } from "./boundary.tsx";
import { Mark } from "./mark.tsx";
import { Navigation } from "./navigation.tsx";
import { NotFound } from "./not-found.tsx";
import { pages } from "./places.ts";
import { useScrollPlace } from "./scroll-place.ts";
import classes from "./shell.module.css";

const Finder = lazy(() => import("./finder.tsx"));

/** The frame around every page of the operator: where one can go, what one can find, who one is. */
export function Shell({ username }: { readonly username: string }) {
  const { t } = useTranslation();
  const [isOpen, menu] = useDisclosure(false);
  const [location] = useLocation();
  useScrollPlace(location);
  useEffect(menu.close, [location]);
  return (
    <div className={classes.frame}>
      <a href="#main" className="skip">
        {t("shell.skip")}
      </a>
      <aside className={classes.side}>
        <Brand />
        <Navigation username={username} />
      </aside>
      <header className={classes.top}>
        <Burger size="sm" opened={isOpen} onClick={menu.toggle} aria-label={t("shell.menu")} />
        <Brand />
        <ActionIcon size="lg" aria-label={t("shell.find")} onClick={spotlight.open}>
          <Search size={18} />
        </ActionIcon>
      </header>
      <Drawer
        opened={isOpen}
        onClose={menu.close}
        position="left"
        size={280}
        title={<Brand />}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        <Navigation username={username} />
      </Drawer>
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
        <Finder />
      </Suspense>
      <Questions />
    </div>
  );
}

function Brand() {
  return (
    <Link href="/" className={classes.brand}>
      <Mark />
      Claude Relay
    </Link>
  );
}
