import { useTranslation } from "react-i18next";

/** Operations in words; one that has none, such as an older release's, is told by its own name. */
export function useDeeds(): { all: readonly { value: string; label: string }[]; of: (operation: string) => string } {
  const { t } = useTranslation();
  const words: Readonly<Record<string, string>> = t("deeds", { returnObjects: true });
  const all = Object.entries(words).map(([value, label]) => ({ value, label }));
  return {
    all: all.sort((one, other) => one.label.localeCompare(other.label)),
    of: (operation) => words[operation] ?? operation,
  };
}
