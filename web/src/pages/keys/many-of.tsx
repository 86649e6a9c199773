import { Chip, Group, Input } from "@mantine/core";
import type { Shared } from "./shared.ts";

interface Props extends Shared<string[]> {
  readonly all: readonly { readonly value: string; readonly label: string }[];
}

/** Some of a few, all of them in sight. */
export function ManyOf({ all, label, description, error, value, onChange }: Props) {
  return (
    <Input.Wrapper label={label} description={description} error={error} labelElement="div">
      <Chip.Group multiple value={value} onChange={onChange}>
        <Group gap={6} mt={6} role="group" aria-label={label}>
          {all.map((one) => (
            <Chip key={one.value} value={one.value} size="xs" radius="sm" variant="outline">
              {one.label}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </Input.Wrapper>
  );
}
