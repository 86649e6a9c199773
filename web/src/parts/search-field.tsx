import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";

interface Props {
  readonly label: string;
  /** As it stands in the address. */
  readonly value: string;
  readonly tell: (value: string) => void;
  readonly width?: number;
}

/** A search that tells when one pauses, and follows the address when that changes otherwise. */
export function SearchField({ label, value, tell, width = 260 }: Props) {
  const [typed, setTyped] = useState(value);
  const told = useRef(value);
  const late = useDebouncedCallback((next: string) => {
    told.current = next;
    tell(next);
  }, 250);
  useEffect(() => {
    if (value === told.current) return;
    // What is still to be told was typed for another address.
    late.cancel();
    told.current = value;
    setTyped(value);
  }, [value, late]);
  return (
    <TextInput
      type="search"
      leftSection={<Search size={15} />}
      aria-label={label}
      placeholder={label}
      w={width}
      maxLength={100}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        late(event.currentTarget.value.trim());
      }}
    />
  );
}
