import { Button, NumberInput, Popover, Stack } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { ChevronDown } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../parts/format.ts";

interface Props {
  /** As the address has them: US dollars, or empty for no bound. */
  readonly min: string;
  readonly max: string;
  readonly set: (range: readonly [string, string]) => void;
}

/** Keys by what their calls have cost in all. */
export function CostRange({ min, max, set }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const late = useDebouncedCallback(set, 300);
  const usd = (value: string) => format.usd(Number(value));
  const isAny = min === "" && max === "";
  const words = () => {
    if (isAny) return t("keys.cost.any");
    if (max === "") return t("keys.cost.from", { usd: usd(min) });
    return min === "" ? t("keys.cost.to", { usd: usd(max) }) : `${usd(min)} – ${usd(max)}`;
  };
  const field = (label: string, value: string, tell: (next: string) => void) => (
    <NumberInput
      label={label}
      prefix="$"
      min={0}
      decimalScale={9}
      hideControls
      defaultValue={value}
      onChange={(next) => tell(String(next))}
    />
  );
  return (
    <Popover width={200} trapFocus position="bottom-start">
      <Popover.Target>
        <Button variant={isAny ? "default" : "light"} rightSection={<ChevronDown size={14} />}>
          {words()}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          {field(t("keys.cost.min"), min, (next) => late([next, max]))}
          {field(t("keys.cost.max"), max, (next) => late([min, next]))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
