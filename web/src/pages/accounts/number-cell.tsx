import { NumberInput } from "@mantine/core";
import { useEffect, useState } from "react";

interface Props {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly save: (value: number) => Promise<unknown>;
}

/** A number that is edited where it stands: Enter or leaving keeps it, Escape takes it back. */
export function NumberCell({ label, value, min, max, save }: Props) {
  const [shown, setShown] = useState<number | string>(value);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => setShown(value), [value]);
  const keep = async () => {
    if (typeof shown !== "number" || shown === value) return setShown(value);
    setBusy(true);
    await save(shown);
    setBusy(false);
  };
  return (
    <NumberInput
      w={72}
      hideControls
      size="xs"
      aria-label={label}
      value={shown}
      min={min}
      max={max}
      allowDecimal={false}
      clampBehavior="strict"
      disabled={isBusy}
      onChange={setShown}
      onBlur={() => void keep()}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") setShown(value);
      }}
    />
  );
}
