import { Modal, Switch, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { areLettersOn, turnLetters } from "../parts/letters.ts";
import { goTo } from "./shortcuts.ts";
import classes from "./shell.module.css";

const isMac = /mac|iphone|ipad/i.test(navigator.userAgent);

/** What the keyboard does, and the switch that turns single letters off. */
export default function ShortcutsDialog({ close }: { readonly close: () => void }) {
  const { t } = useTranslation();
  const [isOn, setOn] = useState(areLettersOn);
  const rows: [string, string[]][] = [
    [t("shell.find"), [isMac ? "⌘" : "Ctrl", "K"]],
    [t("shortcuts.search"), ["/"]],
    [t("common.createKey"), ["n"]],
    ...Object.entries(goTo).map(([letter, { name }]): [string, string[]] => [t(`places.${name}`), ["g", letter]]),
    [t("shortcuts.help"), ["?"]],
  ];
  return (
    <Modal
      opened
      onClose={close}
      title={<Text fw={600}>{t("shortcuts.title")}</Text>}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <dl className={classes.shortcuts}>
        {rows.map(([words, keys]) => [
          <dt key={words}>{words}</dt>,
          <dd key={`${words} keys`}>
            {keys.map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dd>,
        ])}
      </dl>
      <Switch
        mt="md"
        label={t("shortcuts.letters")}
        description={t("shortcuts.lettersNote")}
        checked={isOn}
        onChange={({ currentTarget: { checked } }) => {
          turnLetters(checked);
          setOn(checked);
        }}
      />
    </Modal>
  );
}
