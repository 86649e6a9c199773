import { Badge, Select, Switch } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useSettings } from "../../api/settings.ts";
import type { Alerts } from "../../api/watch.ts";
import { updateAlerts } from "../../api/watch.ts";
import { useFormat } from "../../parts/format.ts";
import rows from "../../parts/rows.module.css";
import type { SectionForm } from "../../parts/section.tsx";
import { Section, Whole } from "../../parts/section.tsx";
import classes from "./alerts.module.css";

type Settings = Alerts["settings"];
type Ruled = Pick<
  Settings,
  "off" | "windowShare" | "budgetShare" | "errorShare" | "errorLeast" | "commandsMonth" | "commandsShare"
>;
type Rule = Settings["off"][number];
type ShareName = "windowShare" | "budgetShare" | "errorShare" | "commandsShare";

/** What is told in quiet hours too. */
const critical: readonly Rule[] = ["account-stopped", "error-rate", "store-down"];

/** What is worth telling, and from when on. */
export function Rules({ settings }: { readonly settings: Settings }) {
  const { t } = useTranslation();
  const { off, windowShare, budgetShare, errorShare, errorLeast, commandsMonth, commandsShare } = settings;
  const initial = { off, windowShare, budgetShare, errorShare, errorLeast, commandsMonth, commandsShare };
  return (
    <Section title={t("alerts.rules")} note={t("alerts.rulesNote")} initial={initial} save={updateAlerts}>
      {(form) => (
        <ul className={classes.rules}>
          <RuleRow form={form} rule="account-stopped" />
          <RuleRow form={form} rule="store-down" />
          <RuleRow form={form} rule="error-rate">
            <Share form={form} name="errorShare" rule="error-rate" />
            <Amount form={form} name="errorLeast" rule="error-rate" least={1} most={1_000_000} />
          </RuleRow>
          <RuleRow form={form} rule="window-nearly-empty">
            <Share form={form} name="windowShare" rule="window-nearly-empty" />
          </RuleRow>
          <RuleRow form={form} rule="budget-reached">
            <Share form={form} name="budgetShare" rule="budget-reached" />
          </RuleRow>
          <RuleRow form={form} rule="command-budget">
            <Share form={form} name="commandsShare" rule="command-budget" />
            <Amount form={form} name="commandsMonth" rule="command-budget" least={0} most={1_000_000_000} />
          </RuleRow>
        </ul>
      )}
    </Section>
  );
}

interface RuleProps {
  readonly form: SectionForm<Ruled>;
  readonly rule: Rule;
  readonly children?: ReactNode;
}

function RuleRow({ form, rule, children }: RuleProps) {
  const { t } = useTranslation();
  const { off } = form.values;
  const others = off.filter((each) => each !== rule);
  return (
    <li>
      <Switch
        checked={!off.includes(rule)}
        onChange={(event) => form.set({ off: event.currentTarget.checked ? others : [...others, rule] })}
        label={
          <>
            {t(`alerts.rule.${rule}`)}{" "}
            {critical.includes(rule) && (
              <Badge size="xs" variant="default" radius="sm" tt="none" fw={500}>
                {t("alerts.critical")}
              </Badge>
            )}
          </>
        }
        description={<RuleNote rule={rule} />}
      />
      {children && <div className={classes.figures}>{children}</div>}
    </li>
  );
}

function RuleNote({ rule }: { readonly rule: Rule }) {
  const { t } = useTranslation();
  const format = useFormat();
  const plan = useSettings().data?.monthlyCommands;
  if (rule !== "command-budget" || plan === undefined) return t(`alerts.ruleNote.${rule}`);
  return `${t("alerts.ruleNote.command-budget")} ${t("alerts.plan", { plan: format.number(plan) })}`;
}

interface FigureProps<Name> {
  readonly form: SectionForm<Ruled>;
  readonly rule: Rule;
  readonly name: Name;
}

function Share({ form: { values, set }, rule, name }: FigureProps<ShareName>) {
  const { t } = useTranslation();
  return (
    <Whole
      label={t(`alerts.${name}`)}
      suffix=" %"
      least={1}
      most={100}
      disabled={values.off.includes(rule)}
      value={Math.round(values[name] * 100)}
      put={(percent) => set({ [name]: percent / 100 })}
    />
  );
}

interface AmountProps extends FigureProps<"errorLeast" | "commandsMonth"> {
  readonly least: number;
  readonly most: number;
}

function Amount({ form: { values, set }, rule, name, ...bounds }: AmountProps) {
  const { t } = useTranslation();
  return (
    <Whole
      {...bounds}
      label={t(`alerts.${name}`)}
      disabled={values.off.includes(rule)}
      value={values[name]}
      put={(value) => set({ [name]: value })}
    />
  );
}

const hours = Array.from({ length: 24 }, (_, hour) => ({
  value: String(hour),
  label: `${String(hour).padStart(2, "0")}:00`,
}));
const night = { fromHour: 22, toHour: 7 };

/** Quiet hours, reminders and the language of messages. */
export function When({ settings: { quiet, reminderHours, language } }: { readonly settings: Settings }) {
  const { t } = useTranslation();
  const zone = useSettings().data?.environment.timeZone;
  return (
    <Section title={t("alerts.when")} initial={{ quiet, reminderHours, language }} save={updateAlerts}>
      {({ values, set }) => (
        <div className={rows.fields}>
          <Switch
            className={rows.wide}
            label={t("alerts.quiet")}
            description={`${t("alerts.quietNote")}${zone ? ` ${t("alerts.zone", { zone })}` : ""}`}
            checked={values.quiet !== null}
            onChange={(event) => set({ quiet: event.currentTarget.checked ? (quiet ?? night) : null })}
          />
          {values.quiet !== null &&
            (["fromHour", "toHour"] as const).map((name) => (
              <Select
                key={name}
                label={t(`alerts.${name}`)}
                data={hours}
                allowDeselect={false}
                value={String(values.quiet?.[name] ?? 0)}
                onChange={(hour) => set({ quiet: { ...(values.quiet ?? night), [name]: Number(hour) } })}
              />
            ))}
          <Whole
            label={t("alerts.reminderHours")}
            description={t("alerts.reminderNote")}
            least={0}
            most={8_760}
            value={values.reminderHours}
            put={(value) => set({ reminderHours: value })}
          />
          <Select
            label={t("alerts.language")}
            description={t("alerts.languageNote")}
            allowDeselect={false}
            data={[
              { value: "en", label: "English" },
              { value: "zh", label: "简体中文" },
            ]}
            value={values.language}
            onChange={(next) => set({ language: next === "zh" ? "zh" : "en" })}
          />
        </div>
      )}
    </Section>
  );
}
