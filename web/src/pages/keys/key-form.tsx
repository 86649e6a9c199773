import { Alert, Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../../api/refused.ts";
import { useFormat } from "../../parts/format.ts";
import { useReason } from "../../parts/reason.ts";
import { Control } from "./control.tsx";
import { describeKey } from "./describe.ts";
import type { Field, Settings } from "./fields.ts";
import { fields, sections } from "./fields.ts";
import classes from "./keys.module.css";

interface Props {
  readonly initial: Settings;
  readonly submit: string;
  readonly save: (settings: Settings) => Promise<unknown>;
  /** Only when something differs from the start may it be saved. */
  readonly needsChange?: boolean;
  readonly beside?: ReactNode;
}

const wide = new Set<Field["control"]>([
  "long",
  "words",
  "services",
  "clients",
  "families",
  "bindings",
  "aliases",
  "expiry",
  "flag",
  "tags",
]);

/** All that can be set on a key, each limit explained beside its field, with what it comes to in plain words. */
export function KeyForm({ initial, submit, save, needsChange, beside }: Props) {
  const { t } = useTranslation();
  const [values, setValues] = useState(initial);
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const set = (change: Partial<Settings>) => setValues((before) => ({ ...before, ...change }));
  const isChanged = JSON.stringify(values) !== JSON.stringify(initial);
  const at =
    error instanceof Refused ? fields.find(({ name }) => error.field?.split(".")[0] === name)?.name : undefined;
  const send = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await save(values);
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className={classes.split}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div className="card">
        {sections.map((section) => (
          <section key={section.name} className={classes.section} aria-labelledby={`section-${section.name}`}>
            <div>
              <h2 id={`section-${section.name}`}>{t(`keySections.${section.name}.title`)}</h2>
              <p>{t(`keySections.${section.name}.note`)}</p>
            </div>
            <div className={classes.fields}>
              {section.fields.map((field) => (
                <div key={field.name} className={wide.has(field.control) ? classes.wide : undefined}>
                  <Control
                    field={field}
                    values={values}
                    set={set}
                    error={field.name === at && error instanceof Error ? afterColon(error.message) : undefined}
                  />
                </div>
              ))}
            </div>
          </section>
        ))}
      </div>
      <aside className={`card ${classes.summary}`}>
        <Summary values={values} />
        <div className={classes.save}>
          <Trouble error={error} />
          <Button
            type="submit"
            loading={isBusy}
            disabled={values.name.trim() === "" || (needsChange === true && !isChanged)}
          >
            {submit}
          </Button>
          {beside}
        </div>
      </aside>
    </form>
  );
}

/** The API begins a sentence about a field with the field's name, which the reader sees already. */
const afterColon = (message: string) => message.replace(/^[\w.]+: /, "");

function Trouble({ error }: { readonly error: unknown }) {
  const reason = useReason();
  if (error === undefined) return null;
  const { title, detail } = reason(error);
  return (
    <Alert color="red" role="alert" title={title}>
      {detail}
    </Alert>
  );
}

export function Summary({ values }: { readonly values: Partial<Settings> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = describeKey(values, { t, format });
  return (
    <div aria-live="polite">
      <h2>{t("keys.summary")}</h2>
      <ul>{words.length === 0 ? <li>{t("keys.unlimited")}</li> : words.map((word) => <li key={word}>{word}</li>)}</ul>
    </div>
  );
}
