import type { SpotlightActionData } from "@mantine/spotlight";
import { Spotlight } from "@mantine/spotlight";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { KeyRound, Plug, Plus, Search } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { accountsQuery } from "../api/accounts.ts";
import { useFoundKeys } from "../api/keys.ts";
import { places } from "./places.ts";

/** Finds pages, accounts and API keys by their names, from anywhere, by Ctrl or ⌘ and K. */
export default function Finder() {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const [query, setQuery] = useState("");
  const found = useFound(query.trim());
  const to = (id: string, label: string, path: string, icon: ReactNode, description?: string): SpotlightActionData => ({
    id,
    label,
    leftSection: icon,
    onClick: () => go(path),
    ...(description ? { description } : {}),
  });
  const actions = [
    {
      group: t("finder.go"),
      actions: places.map(({ name, path, icon: Icon }) =>
        to(`go-${name}`, t(`places.${name}`), path, <Icon size={16} />),
      ),
    },
    {
      group: t("finder.do"),
      actions: [
        to("connect", t("accounts.connect"), "/accounts/new", <Plus size={16} />),
        to("create", t("common.createKey"), "/keys/new", <Plus size={16} />),
      ],
    },
    {
      group: t("places.accounts"),
      actions: found.accounts.map((one) => to(one.id, one.name, `/accounts/${one.id}`, <Plug size={16} />, one.kind)),
    },
    {
      group: t("places.keys"),
      actions: found.keys.map((one) =>
        to(one.id, one.name, `/keys/${one.id}`, <KeyRound size={16} />, `${one.prefix}…`),
      ),
    },
  ];
  return (
    <Spotlight
      actions={actions.filter((group) => group.actions.length > 0)}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      nothingFound={t("finder.nothing")}
      highlightQuery
      scrollable
      maxHeight={420}
      limit={30}
      filter={(word, groups) => sift(word.trim().toLowerCase(), groups as typeof actions)}
      searchProps={{
        leftSection: <Search size={17} />,
        placeholder: t("finder.placeholder"),
        "aria-label": t("finder.placeholder"),
      }}
    />
  );
}

interface Group {
  group: string;
  actions: SpotlightActionData[];
}

/** Pages and deeds by their words; accounts and keys were found by the server, which also looks at owners and tags. */
function sift(word: string, groups: Group[]): Group[] {
  if (word === "") return groups.slice(0, 2);
  return groups
    .map(({ group, actions }, index) => ({
      group,
      actions: index > 1 ? actions : actions.filter(({ label }) => label?.toLowerCase().includes(word)),
    }))
    .filter(({ actions }) => actions.length > 0);
}

function useFound(word: string) {
  const [search] = useDebouncedValue(word, 200);
  const enabled = search.length > 0;
  const accounts = useQuery({ ...accountsQuery, enabled });
  const keys = useFoundKeys(search, enabled);
  const matches = (text: string | null) => text?.toLowerCase().includes(search.toLowerCase()) ?? false;
  return {
    accounts: enabled
      ? (accounts.data ?? []).filter((one) => [one.name, one.kind, one.subject].some(matches)).slice(0, 8)
      : [],
    keys: enabled ? (keys.data?.items ?? []) : [],
  };
}
