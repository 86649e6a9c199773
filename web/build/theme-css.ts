import { convertCssVariables, DEFAULT_THEME, defaultCssVariablesResolver, mergeMantineTheme } from "@mantine/core";
import type { Plugin } from "vite";
import { theme } from "../src/theme.ts";

const name = "virtual:theme.css";

/**
 * The theme's variables as a style sheet of their own. Mantine would write them into a style element at run time, which
 * the content security policy does not allow (CSP Level 3, style-src without 'unsafe-inline').
 */
export function themeCss(): Plugin {
  return {
    name: "theme-css",
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load: (id) => (id === `\0${name}` ? build() : undefined),
  };
}

function build(): string {
  return convertCssVariables(defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme)), ":root", ":host");
}
