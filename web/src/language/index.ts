import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type en from "./en/index.ts";
import type enRest from "./en/rest.ts";

/** The languages that there are, by the tag that a browser names. */
export const languages = { en: "English", "zh-CN": "简体中文" } as const;
export type Language = keyof typeof languages;

const dictionaries = {
  en: () => import("./en/index.ts"),
  "zh-CN": () => import("./zh/index.ts"),
};
const rests = {
  en: () => import("./en/rest.ts"),
  "zh-CN": () => import("./zh/rest.ts"),
};
const place = "relay-language";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en & typeof enRest };
  }
}

/** What was chosen here before, else what the browser prefers. */
function preferred(): Language {
  const kept = localStorage.getItem(place);
  if (kept === "en" || kept === "zh-CN") return kept;
  return navigator.languages
    .find((tag) => /^(zh|en)/i.test(tag))
    ?.toLowerCase()
    .startsWith("zh")
    ? "zh-CN"
    : "en";
}

export async function startLanguage(): Promise<void> {
  const language = preferred();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { [language]: { translation: (await dictionaries[language]()).default } },
    interpolation: { escapeValue: false },
    returnNull: false,
    // Some words are meant to be empty: a field without an example, a failure that says it all in its title.
    returnEmptyString: true,
  });
  document.documentElement.lang = language;
}

let wantsRest = false;

/** The words that not every page needs, in the present language and from now on in each that is chosen. */
export async function loadRest(language = i18next.language as Language): Promise<void> {
  wantsRest = true;
  i18next.addResourceBundle(language, "translation", (await rests[language]()).default, true);
}

/** A page that needs the rest of the words comes with them. */
export async function withRest<T>(page: Promise<T>): Promise<T> {
  const [loaded] = await Promise.all([page, loadRest()]);
  return loaded;
}

export async function chooseLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, "translation")) {
    i18next.addResourceBundle(language, "translation", (await dictionaries[language]()).default);
  }
  if (wantsRest) await loadRest(language);
  localStorage.setItem(place, language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}
