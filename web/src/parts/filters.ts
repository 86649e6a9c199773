import { useCallback, useMemo } from "react";
import { useSearchParams } from "wouter";

/** Filters that live in the URL, so that what one sees can be shared. An empty value takes its name out of the URL. */
export function useFilters<const Name extends string>(names: readonly Name[]) {
  const [params, setParams] = useSearchParams();
  const values = useMemo(
    () => Object.fromEntries(names.map((name) => [name, params.get(name) ?? ""])) as Record<Name, string>,
    [names, params],
  );
  const set = useCallback(
    (next: Partial<Record<Name, string>>) =>
      setParams(
        (present) => {
          const changed = new URLSearchParams(present);
          for (const [name, value] of Object.entries(next) as [Name, string | undefined][]) {
            if (value) changed.set(name, value);
            else changed.delete(name);
          }
          return changed;
        },
        { replace: true },
      ),
    [setParams],
  );
  return [values, set] as const;
}
