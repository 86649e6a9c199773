import { PasswordInput, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRelayUrl } from "../../api/settings.ts";
import { Code } from "../../parts/copy.tsx";
import { offeredServices } from "../accounts/kinds.ts";
import type { System } from "./clients.ts";
import { clients, systems } from "./clients.ts";
import { FirstRequest } from "./first-request.tsx";
import classes from "./start.module.css";

interface Props {
  /** Just made and therefore known; else one may paste it, and it stays in this page. */
  readonly secret?: string;
  readonly prefix?: string;
  /** Whose first request is waited for. */
  readonly keyId?: string;
}

/** The reader's own, by what the browser tells. */
function guessSystem(): System {
  if (/windows/i.test(navigator.userAgent)) return "powershell";
  return /mac|iphone|ipad/i.test(navigator.userAgent) ? "macos" : "linux";
}

const labels: Record<System, string> = {
  macos: "macOS",
  linux: "Linux",
  powershell: "Windows PowerShell",
  cmd: "Windows cmd",
};
const offered = clients.filter(({ service }) => offeredServices.includes(service));

/** Ready-to-paste set-up of every program, with the reader's own address and key filled in. */
export function UseIt({ secret, prefix, keyId }: Props) {
  const { t } = useTranslation();
  const [name, setName] = useState("claude-code");
  const [system, setSystem] = useState<System>(guessSystem);
  const [pasted, setPasted] = useState("");
  // A key's holder has no session, and sees the address at which the page was opened.
  const url = useRelayUrl(keyId !== undefined);
  const isSmall = useMediaQuery("(max-width: 48em)") ?? false;
  const shown = secret ?? (pasted.trim() || `${prefix ?? "cr_"}…`);
  const client = offered.find((one) => one.name === name) ?? offered[0];
  if (!client) return null;
  const stepsOn = (one: System) => client.steps({ url, secret: shown, system: one });
  const steps = stepsOn(system);
  const isSameEverywhere = systems.every((one) => JSON.stringify(stepsOn(one)) === JSON.stringify(steps));
  return (
    <section className={`card ${classes.use}`} aria-labelledby="use-it">
      <h2 id="use-it">{t("useIt.title")}</h2>
      <Text c="dimmed" mb="md">
        {t("useIt.note")}
      </Text>
      {isSmall ? (
        <Select
          aria-label={t("useIt.client")}
          mb="md"
          allowDeselect={false}
          value={client.name}
          onChange={(next) => setName(next ?? "")}
          data={offered.map((one) => ({ value: one.name, label: one.label }))}
        />
      ) : (
        <div className={classes.clients} role="radiogroup" aria-label={t("useIt.client")}>
          {offered.map((one) => (
            <button
              key={one.name}
              type="button"
              role="radio"
              aria-checked={one.name === client.name}
              onClick={() => setName(one.name)}
            >
              {one.label}
            </button>
          ))}
        </div>
      )}
      <Stack gap="md">
        {!isSameEverywhere && (
          <SegmentedControl
            style={{ alignSelf: "flex-start" }}
            aria-label={t("useIt.system")}
            value={system}
            onChange={(next) => setSystem(next as System)}
            data={systems.map((value) => ({
              value,
              label: isSmall ? labels[value].replace("Windows ", "") : labels[value],
            }))}
          />
        )}
        {secret === undefined && (
          <PasswordInput
            maw={520}
            label={t("useIt.paste")}
            description={t("useIt.pasteNote")}
            placeholder="cr_…"
            autoComplete="off"
            value={pasted}
            visibilityToggleButtonProps={{ "aria-label": t("common.showSecret") }}
            onChange={(event) => setPasted(event.currentTarget.value)}
          />
        )}
        {steps.map((step) => (
          <div key={`${step.place}${step.text}`}>
            {step.words && (
              <Text c="dimmed" size="sm" mb={6}>
                {t(`useIt.words.${step.words}`)}
              </Text>
            )}
            <Code text={step.text} place={step.place === "terminal" ? t("useIt.terminal") : step.place} />
          </div>
        ))}
        {keyId !== undefined && <FirstRequest keyId={keyId} />}
      </Stack>
    </section>
  );
}
