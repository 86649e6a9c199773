import type { MantineColorScheme } from "@mantine/core";
import { ActionIcon, Menu, Tooltip, useMantineColorScheme } from "@mantine/core";
import { Check, Languages, Monitor, Moon, Sun } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Language } from "../language/index.ts";
import { chooseLanguage, languages } from "../language/index.ts";

const schemes = { light: Sun, dark: Moon, auto: Monitor } as const;

export function SchemeSwitch() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Present = schemes[colorScheme];
  return (
    <Menu width={170}>
      <Menu.Target>
        <Tooltip label={t("shell.scheme")}>
          <ActionIcon size="lg" aria-label={t("shell.scheme")}>
            <Present size={17} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(schemes) as MantineColorScheme[]).map((scheme) => {
          const Icon = schemes[scheme];
          return (
            <Menu.Item
              key={scheme}
              leftSection={<Icon size={15} />}
              rightSection={scheme === colorScheme ? <Check size={14} /> : null}
              onClick={() => setColorScheme(scheme)}
            >
              {t(`shell.schemes.${scheme}`)}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}

export function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  return (
    <Menu width={150}>
      <Menu.Target>
        <Tooltip label={t("shell.language")}>
          <ActionIcon size="lg" aria-label={t("shell.language")}>
            <Languages size={17} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.entries(languages) as [Language, string][]).map(([tag, name]) => (
          <Menu.Item
            key={tag}
            lang={tag}
            rightSection={tag === i18n.language ? <Check size={14} /> : null}
            onClick={() => void chooseLanguage(tag)}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
