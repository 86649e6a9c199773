import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: [
      "dist/",
      "data/",
      ".sst/",
      "sst.config.ts",
      "sst-env.d.ts",
      "node_modules/",
      "web/src/api/schema.d.ts",
      "test/fixtures/",
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "inline-type-imports", disallowTypeAnnotations: false },
      ],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrors: "all" },
      ],
      // TypeScript itself knows what is defined.
      "no-undef": "off",
      eqeqeq: "error",
      "no-else-return": "error",
      "prefer-const": "error",
    },
  },
  // Tests read answers of any shape.
  { files: ["test/**/*.ts"], rules: { "@typescript-eslint/no-explicit-any": "off" } },
  // A script of the page itself, which has the browser's names.
  { files: ["web/public/*.js"], rules: { "no-undef": "off" } },
  {
    // Rules that need types take minutes over everything; here is where a promise that nobody awaits would cost money.
    files: ["functions/**/*.ts"],
    ignores: ["**/*.test.ts"],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
    },
  },
  {
    files: ["functions/**/*.ts", "infra/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: {
      "max-lines": ["error", { max: 400 }],
      "max-lines-per-function": ["error", { max: 50 }],
      "max-params": ["error", { max: 6 }],
      complexity: ["error", { max: 20 }],
    },
  },
);
