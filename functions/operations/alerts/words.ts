import type { Alert, Notice, Rule, Turn } from "./alert.ts";

export const languages = ["en", "zh"] as const;
export type Language = (typeof languages)[number];

const titles: Record<Language, Record<Rule, string>> = {
  en: {
    "account-stopped": "Account stopped",
    "window-nearly-empty": "Window nearly used up",
    "budget-reached": "Budget reached",
    "error-rate": "Many calls fail",
    "store-down": "Store is down",
    "command-budget": "Store commands nearly used up",
  },
  zh: {
    "account-stopped": "账号已停用",
    "window-nearly-empty": "用量窗口即将耗尽",
    "budget-reached": "预算已达到",
    "error-rate": "大量请求失败",
    "store-down": "存储不可用",
    "command-budget": "存储命令数即将用完",
  },
};

const sentences: Record<Language, Record<Rule, string>> = {
  en: {
    "account-stopped": "{subject} serves no more calls until somebody mends it: {reason}",
    "window-nearly-empty": "{subject}: the window {window} is {used} used; it resets {resetAt}.",
    "budget-reached": "The key {subject} has used {used} of its {limit} limit of {most}.",
    "error-rate": "{failed} of {requests} calls to accounts failed within the last hour ({rate}).",
    "store-down": "The relay does not reach its store: {reason}",
    "command-budget": "This month's calls have cost about {used} of {most} commands ({rate}).",
  },
  zh: {
    "account-stopped": "{subject} 已停止服务,需人工处理:{reason}",
    "window-nearly-empty": "{subject}:窗口 {window} 已使用 {used},重置时间 {resetAt}。",
    "budget-reached": "密钥 {subject} 的{limit}限额 {most} 已使用 {used}。",
    "error-rate": "最近一小时内,发往账号的 {requests} 次请求有 {failed} 次失败({rate})。",
    "store-down": "中继无法访问存储:{reason}",
    "command-budget": "本月请求约消耗 {used} 条命令,上限 {most}({rate})。",
  },
};

const turns: Record<Language, Record<Turn, string>> = {
  en: { raised: "Alert", reminder: "Still so", cleared: "Over", test: "Test" },
  zh: { raised: "告警", reminder: "仍未恢复", cleared: "已恢复", test: "测试" },
};

const since: Record<Language, string> = { en: "Since {at}.", zh: "开始时间:{at}。" };
const tests: Record<Language, string> = {
  en: "This is a test. Alerts of the relay will look like this.",
  zh: "这是一条测试消息。中继的告警将以此形式发送。",
};
const limits: Record<Language, Record<string, string>> = {
  en: {},
  zh: { daily: "每日", weekly: "每周", total: "总" },
};

export interface Words {
  readonly title: string;
  readonly text: string;
}

/** A notice in words: one line, and one or two sentences. */
export function wordNotice(notice: Notice, language: Language): Words {
  const { turn, alert, sinceAt } = notice;
  const subject = alert.subject === "" ? "" : `: ${alert.subject}`;
  if (turn === "test") return { title: `[${turns[language].test}] Claude Relay`, text: tests[language] };
  const title = `[${turns[language][turn]}] ${titles[language][alert.rule]}${subject}`;
  const text = `${fill(sentences[language][alert.rule], alert, language)} ${since[language].replace("{at}", wordInstant(sinceAt))}`;
  return { title, text };
}

function fill(sentence: string, { subject, figures }: Alert, language: Language): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (name === "subject") return subject;
    const value = figures[name] ?? "–";
    return name === "limit" ? (limits[language][value] ?? value) : value;
  });
}

/** `2026-11-23 08:15 UTC`: the same for whoever reads it wherever. */
export function wordInstant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
