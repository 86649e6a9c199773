import { Button, Group, Modal, Text, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";

interface Question {
  readonly title: string;
  readonly body: ReactNode;
  readonly confirm: string;
  readonly isDangerous?: boolean;
  /** What must be typed before it can be confirmed, for what cannot be undone. */
  readonly typed?: string;
}

interface Asked extends Question {
  answer(yes: boolean): void;
}

let asked: Asked | undefined;
const listeners = new Set<() => void>();

function move(next: Asked | undefined): void {
  asked = next;
  for (const listener of listeners) listener();
}

/** Asks before something dangerous; resolves with the answer. */
export function ask(question: Question): Promise<boolean> {
  return new Promise((resolve) =>
    move({
      ...question,
      answer(yes) {
        move(undefined);
        resolve(yes);
      },
    }),
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Where questions appear; mounted once. */
export function Questions() {
  const question = useSyncExternalStore(subscribe, () => asked);
  const no = () => question?.answer(false);
  return (
    <Modal opened={question !== undefined} onClose={no} title={<Text fw={600}>{question?.title}</Text>} size="sm">
      {question && <Body key={question.title} question={question} />}
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
