import { useId } from "react";
import classes from "./backup.module.css";

interface Props {
  readonly label: string;
  readonly value: string;
  readonly put: (value: string) => void;
  readonly options: readonly { readonly value: string; readonly label: string; readonly note: string }[];
}

/** One of a few, each with a sentence of what it means. */
export function Choice({ label, value, put, options }: Props) {
  const name = useId();
  return (
    <fieldset className={classes.choice}>
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option.value} data-chosen={option.value === value || undefined}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => put(option.value)}
          />
          <span>
            <b>{option.label}</b>
            <small>{option.note}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
