import type { MantineColorsTuple } from "@mantine/core";
import { createTheme } from "@mantine/core";

const iris: MantineColorsTuple = [
  "#f3f3fe",
  "#e6e6fc",
  "#cfcff9",
  "#b1b1f4",
  "#9494ee",
  "#7575e3",
  "#5b5bd6",
  "#4c4cc0",
  "#3f3fa3",
  "#323282",
];
const gray: MantineColorsTuple = [
  "#fafafb",
  "#f4f4f6",
  "#ececef",
  "#e1e1e6",
  "#cfcfd6",
  "#a6a6b0",
  "#7b7b87",
  "#60606b",
  "#3e3e47",
  "#202025",
];
const dark: MantineColorsTuple = [
  "#ededf0",
  "#c3c3cb",
  "#9d9da8",
  "#72727e",
  "#3b3b43",
  "#2a2a31",
  "#1c1c21",
  "#101013",
  "#0b0b0d",
  "#060607",
];

/** The look of every component, said once. Sizes are dense, as in a tool that people work in all day. */
export const theme = createTheme({
  primaryColor: "iris",
  primaryShade: 6,
  autoContrast: true,
  colors: { iris, gray, dark },
  black: "#19191d",
  fontFamily:
    '"Geist Variable", ui-sans-serif, system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
  fontFamilyMonospace:
    '"Geist Mono Variable", ui-monospace, SFMono-Regular, Menlo, Consolas, "Noto Sans Mono CJK SC", monospace',
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  lineHeights: { xs: "1.45", sm: "1.5", md: "1.5", lg: "1.5", xl: "1.4" },
  headings: {
    fontWeight: "600",
    sizes: { h1: { fontSize: "22px" }, h2: { fontSize: "16px" }, h3: { fontSize: "14px" } },
  },
  defaultRadius: "md",
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "16px" },
  cursorType: "pointer",
  respectReducedMotion: true,
  // Plain objects: naming the components here would bring each into the first load.
  components: {
    Button: { defaultProps: { size: "sm" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    Anchor: { defaultProps: { underline: "always" } },
    Card: { defaultProps: { withBorder: true, padding: "lg", radius: "lg" } },
    Modal: {
      defaultProps: {
        radius: "lg",
        centered: true,
        lockScroll: false,
        overlayProps: { backgroundOpacity: 0.45, blur: 2 },
      },
    },
    Drawer: {
      defaultProps: { position: "right", lockScroll: false, overlayProps: { backgroundOpacity: 0.35 } },
    },
    // The placeholder that takes the focus would stand among the menu's items, and is none.
    Menu: {
      defaultProps: {
        shadow: "md",
        position: "bottom-end",
        withinPortal: true,
        withInitialFocusPlaceholder: false,
      },
    },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300, multiline: true, maw: 320 } },
    Alert: { defaultProps: { variant: "light", radius: "md" } },
  },
});
