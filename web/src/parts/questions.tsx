import { Button, Group, Modal, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Asked } from "./ask.ts";

/** A question before something dangerous. */
export default function Questions({ question }: { readonly question: Asked }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened
      onClose={() => question.answer(false)}
      title={<Text fw={600}>{question.title}</Text>}
      closeButtonProps={{ "aria-label": t("common.close") }}
      size="sm"
    >
      <Body key={question.title} question={question} />
    </Modal>
  );
}

function Body({ question }: { readonly question: Asked }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        question.answer(true);
      }}
    >
      <Text component="div" c="dimmed">
        {question.body}
      </Text>
      {question.typed !== undefined && (
        <TextInput
          mt="md"
          data-autofocus
          label={t("common.typeToConfirm", { word: question.typed })}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={() => question.answer(false)}>
          {t("common.cancel")}
        </Button>
        <Button
          type="submit"
          color={question.isDangerous ? "red.8" : undefined}
          data-autofocus={question.typed === undefined ? true : undefined}
          disabled={question.typed !== undefined && typed !== question.typed}
        >
          {question.confirm}
        </Button>
      </Group>
    </form>
  );
}
