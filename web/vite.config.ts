import { join } from "node:path";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vite";
import { buildSetup } from "../scripts/build.ts";
import { themeCss } from "./build/theme-css.ts";

/**
 * The console's content security policy. It goes into the page, so that it holds wherever the files are served from; the
 * Node server says the same in a header. No script, no style but our own files; only a logo may come from elsewhere.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: https:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
].join("; ");

/** Not in development, where Vite puts scripts and styles into the page. */
function contentSecurityPolicy(): Plugin {
  return {
    name: "content-security-policy",
    apply: "build",
    transformIndexHtml: () => [
      { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: policy }, injectTo: "head-prepend" },
    ],
  };
}

/** The console's code is imported a frame after the page is there, and fetched with it. */
function preloadStart(): Plugin {
  return {
    name: "preload-start",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle = {} }) {
        const chunks = new Map(Object.values(bundle).map((file) => [file.fileName, file]));
        const wanted = new Set<string>();
        const want = (name: string) => {
          const chunk = chunks.get(name);
          if (chunk?.type !== "chunk" || wanted.has(name)) return;
          wanted.add(name);
          chunk.imports.forEach(want);
        };
        for (const file of chunks.values())
          if (file.type === "chunk" && file.facadeModuleId?.endsWith("/src/start.tsx")) want(file.fileName);
        return [...wanted].map((name) => ({
          tag: "link",
          attrs: { rel: "modulepreload", crossorigin: true, href: `/web/${name}` },
          injectTo: "head" as const,
        }));
      },
    },
  };
}

/** Beside the console stands the program that sets other programs up, for `curl … | sh`. */
function handOutSetup(): Plugin {
  return {
    name: "hand-out-setup",
    apply: "build",
    async closeBundle() {
      await buildSetup(join(import.meta.dirname, "../dist/web"));
    },
  };
}

const relay = process.env.RELAY_URL ?? "http://127.0.0.1:3000";

export default defineConfig({
  root: import.meta.dirname,
  base: "/web/",
  plugins: [react(), themeCss(), contentSecurityPolicy(), preloadStart(), handOutSetup()],
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    reportCompressedSize: true,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // What nearly every page uses travels together: dozens of tiny files would each be compressed alone. What one
        // page alone uses goes with it.
        codeSplitting: {
          groups: [
            // Else it comes with every input, whether of numbers or not.
            {
              name: "numbers",
              test: /node_modules\/react-number-format|core\/.*\/NumberInput/,
              includeDependenciesRecursively: false,
            },
            { name: "icons", test: /node_modules\/lucide-react/, includeDependenciesRecursively: false },
            // What many pages share of other packages: a handful of requests instead of some sixty.
            {
              name: "shared",
              test: /node_modules\//,
              minShareCount: 14,
              includeDependenciesRecursively: false,
            },
            {
              name: "parts",
              test: /web\/src\/(api|parts)\/(?!(backup|chart|dialog|download|holder|logs|maintenance|passkey|questions|ranking|section|steps|watch)\.tsx?$)/,
              includeDependenciesRecursively: false,
            },
          ],
        },
      },
    },
  },
  server: { port: 5173, proxy: { "/admin": relay, "/api": relay, "/health": relay } },
});
