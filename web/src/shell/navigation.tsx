import { Menu } from "@mantine/core";
import { Keyboard, LogOut, Search, UserRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { useAttention } from "../api/attention.ts";
import { api, take } from "../api/client.ts";
import { queryClient } from "../api/query.ts";
import { close } from "../api/session.ts";
import { useAct } from "../parts/act.ts";
import type { Place } from "./places.ts";
import { places } from "./places.ts";
import { LanguageSwitch, SchemeSwitch } from "../parts/preferences.tsx";
import classes from "./shell.module.css";

const isMac = /mac|iphone|ipad/i.test(navigator.userAgent);

export interface NavigationProps {
  readonly username: string;
  readonly find: () => void;
  readonly help: () => void;
}

/** Where one can go. Pointing at a place fetches its code, so that it opens at once. */
export function Navigation({ username, find, help }: NavigationProps) {
  const { t } = useTranslation();
  return (
    <>
      <button type="button" className={classes.search} onClick={find}>
        <Search size={14} aria-hidden />
        {t("shell.find")}
        <kbd>{isMac ? "⌘K" : "Ctrl K"}</kbd>
      </button>
      <nav aria-label={t("shell.navigation")}>
        <Links of="use" />
      </nav>
      <nav className={classes.rest} aria-label={t("shell.manage")}>
        <Links of="run" />
        <Links of="own" />
      </nav>
      <div className={classes.foot}>
        <Who username={username} help={help} />
        <LanguageSwitch />
        <SchemeSwitch />
      </div>
    </>
  );
}

function Links({ of }: { readonly of: Place["section"] }) {
  const { t } = useTranslation();
  const [location] = useLocation();
  const badges = useBadges();
  const isHere = (path: string) =>
    path === "/" ? location === "/" : location === path || location.startsWith(`${path}/`);
  return (
    <ul className={classes.links}>
      {places
        .filter((place) => place.section === of && place.name !== "profile")
        .map(({ name, path, icon: Icon, load }) => (
          <li key={name}>
            <Link
              href={path}
              className={classes.link}
              aria-current={isHere(path) ? "page" : undefined}
              onPointerEnter={() => void load()}
              onFocus={() => void load()}
            >
              <Icon size={16} />
              {t(`places.${name}`)}
              {badges[name] !== undefined && (
                <span className={classes.badge} title={t("attention.title", { count: badges[name] })}>
                  {badges[name]}
                </span>
              )}
            </Link>
          </li>
        ))}
    </ul>
  );
}

const placeOf = {
  "account-stopped": "accounts",
  "no-credential": "accounts",
  window: "accounts",
  limit: "keys",
  leak: "keys",
  unpriced: "prices",
  job: "maintenance",
} as const;

/** How much needs a person, by the place where it is mended. */
function useBadges(): Partial<Record<Place["name"], number>> {
  const badges: Partial<Record<Place["name"], number>> = {};
  for (const { kind } of useAttention().data ?? []) badges[placeOf[kind]] = (badges[placeOf[kind]] ?? 0) + 1;
  return badges;
}

function Who({ username, help }: Pick<NavigationProps, "username" | "help">) {
  const { t } = useTranslation();
  const { act } = useAct();
  const leave = () =>
    act(async () => {
      await take(api.DELETE("/admin/session"));
      queryClient.clear();
      close();
    });
  return (
    <Menu position="top-start" width={190}>
      <Menu.Target>
        <button type="button" className={classes.who} title={t("shell.account", { username })}>
          <span className={classes.face} data-letter={username.slice(0, 1)} aria-hidden />
          <span>{username}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} href="/profile" leftSection={<UserRound size={15} />}>
          {t("places.profile")}
        </Menu.Item>
        <Menu.Item leftSection={<Keyboard size={15} />} onClick={help}>
          {t("shortcuts.title")}
        </Menu.Item>
        <Menu.Item leftSection={<LogOut size={15} />} onClick={() => void leave()}>
          {t("shell.signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
