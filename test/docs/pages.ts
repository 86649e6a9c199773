import { readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../..");

export interface Block {
  readonly language: string;
  readonly text: string;
}

export interface Page {
  /** From the repository's root. */
  readonly file: string;
  readonly text: string;
  readonly headings: readonly { readonly depth: number; readonly title: string }[];
  readonly blocks: readonly Block[];
  /** Between single backticks, outside of blocks. */
  readonly spans: readonly string[];
  readonly links: readonly string[];
  /** The text without its blocks. */
  readonly prose: string;
}

/** Guides that stand in English and in Chinese, name by name alike. */
export const guides = ["guide", "docker", "clients", "troubleshooting", "moving", "monitoring"] as const;

const fence = /^( *)```(\S*)[^\n]*\n([\s\S]*?)^ *```$/gm;

export function readPage(file: string): Page {
  const text = readFileSync(join(root, file), "utf8");
  const blocks = [...text.matchAll(fence)].map(([, , language = "", body = ""]) => ({ language, text: body }));
  const prose = text.replace(fence, "");
  const headings = [...prose.matchAll(/^(#+) (.+)$/gm)].map(([, marks = "", title = ""]) => ({
    depth: marks.length,
    title,
  }));
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span.replaceAll("\\|", "|"));
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return { file, text, headings, blocks, spans, links, prose };
}

/** Comments are the reader's language; what is typed is not. */
export function withoutComments(text: string): string {
  return text
    .split("\n")
    .map((line) => line.replace(/^#.*$|\s+#.*$/, ""))
    .filter((line) => line !== "")
    .join("\n");
}

/** The anchor that GitHub gives a heading. */
export function anchorOf(title: string): string {
  return title
    .replace(/`|\*|_(?=\w)|(?<=\w)_/g, (mark) => (mark === "_" ? "_" : ""))
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
}
