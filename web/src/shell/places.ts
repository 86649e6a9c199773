import {
  Activity,
  BellRing,
  Boxes,
  ChartNoAxesColumn,
  CircleDollarSign,
  DatabaseBackup,
  FileClock,
  KeyRound,
  LayoutDashboard,
  Plug,
  Rocket,
  ScrollText,
  Settings,
  UserRound,
  Wrench,
} from "lucide-react";
import type { ComponentType, LazyExoticComponent } from "react";
import { lazy } from "react";
import { offers } from "../api/offer.ts";
import { withRest } from "../language/index.ts";

type Loaded = Promise<{ default: ComponentType }>;

export interface Place {
  readonly name:
    | "dashboard"
    | "accounts"
    | "keys"
    | "requests"
    | "usage"
    | "groups"
    | "prices"
    | "alerts"
    | "settings"
    | "maintenance"
    | "backup"
    | "logs"
    | "audit"
    | "profile"
    | "start";
  readonly path: string;
  readonly icon: ComponentType<{ size?: number }>;
  /** The operations without which there is nothing to show. */
  readonly needs: readonly string[];
  readonly section: "use" | "run" | "own";
  readonly load: () => Loaded;
}

/** Every place of the navigation; a page's code comes when one goes there. */
const all: readonly Place[] = [
  {
    name: "dashboard",
    path: "/",
    icon: LayoutDashboard,
    needs: [],
    section: "use",
    load: () => import("../pages/dashboard/dashboard.tsx"),
  },
  {
    name: "accounts",
    path: "/accounts",
    icon: Plug,
    needs: ["listAccounts"],
    section: "use",
    load: () => withRest(import("../pages/accounts/list.tsx")),
  },
  {
    name: "keys",
    path: "/keys",
    icon: KeyRound,
    needs: ["listKeys"],
    section: "use",
    load: () => withRest(import("../pages/keys/list.tsx")),
  },
  {
    name: "requests",
    path: "/requests",
    icon: Activity,
    needs: ["listUsageRequests"],
    section: "use",
    load: () => withRest(import("../pages/requests/requests.tsx")),
  },
  {
    name: "usage",
    path: "/usage",
    icon: ChartNoAxesColumn,
    needs: ["rankUsage"],
    section: "use",
    load: () => withRest(import("../pages/usage/usage.tsx")),
  },
  {
    name: "groups",
    path: "/groups",
    icon: Boxes,
    needs: ["listGroups"],
    section: "run",
    load: () => withRest(import("../pages/groups/groups.tsx")),
  },
  {
    name: "prices",
    path: "/prices",
    icon: CircleDollarSign,
    needs: ["listPrices"],
    section: "run",
    load: () => withRest(import("../pages/prices/prices.tsx")),
  },
  {
    name: "alerts",
    path: "/alerts",
    icon: BellRing,
    needs: ["getAlerts"],
    section: "run",
    load: () => withRest(import("../pages/alerts/alerts.tsx")),
  },
  {
    name: "settings",
    path: "/settings",
    icon: Settings,
    needs: ["getSettings"],
    section: "run",
    load: () => withRest(import("../pages/settings/settings.tsx")),
  },
  {
    name: "maintenance",
    path: "/maintenance",
    icon: Wrench,
    needs: ["getMaintenance"],
    section: "run",
    load: () => withRest(import("../pages/maintenance/maintenance.tsx")),
  },
  {
    name: "backup",
    path: "/backup",
    icon: DatabaseBackup,
    needs: ["getBackup"],
    section: "run",
    load: () => withRest(import("../pages/backup/backup.tsx")),
  },
  {
    name: "logs",
    path: "/logs",
    icon: ScrollText,
    needs: ["listLogs"],
    section: "run",
    load: () => withRest(import("../pages/logs/logs.tsx")),
  },
  {
    name: "audit",
    path: "/audit",
    icon: FileClock,
    needs: ["listAudit"],
    section: "run",
    load: () => withRest(import("../pages/audit/audit.tsx")),
  },
  {
    name: "start",
    path: "/start",
    icon: Rocket,
    needs: ["createKey"],
    section: "own",
    load: () => withRest(import("../pages/start/start.tsx")),
  },
  {
    name: "profile",
    path: "/profile",
    icon: UserRound,
    needs: ["changePassword"],
    section: "own",
    load: () => withRest(import("../pages/settings/profile.tsx")),
  },
];

export const places = all.filter((place) => offers(...place.needs));

interface Page {
  readonly path: string;
  readonly component: LazyExoticComponent<ComponentType>;
}

const below: readonly { path: string; needs: readonly string[]; load: () => Loaded }[] = [
  {
    path: "/accounts/new",
    needs: ["createAccount"],
    load: () => withRest(import("../pages/accounts/connect-page.tsx")),
  },
  { path: "/accounts/:id", needs: ["getAccount"], load: () => withRest(import("../pages/accounts/account.tsx")) },
  { path: "/keys/new", needs: ["createKey"], load: () => withRest(import("../pages/keys/create.tsx")) },
  { path: "/keys/:id", needs: ["getKey"], load: () => withRest(import("../pages/keys/key.tsx")) },
];

/** Every page with its address; more particular ones first. */
export const pages: readonly Page[] = [...below.filter(({ needs }) => offers(...needs)), ...places].map(
  ({ path, load }) => ({ path, component: lazy(load) }),
);
