export const logs = {
  logs: {
    note: "中继进程自身的日志，最新的在最下方。不含任何提示词或密钥。",
    search: "搜索日志",
    level: "最低级别",
    anyLevel: "全部级别",
    levels: { error: "错误", warn: "警告", info: "信息", debug: "调试" },
    live: "实时",
    newest: "跳到最新",
    none: "没有日志",
    noneNote: "没有匹配的内容，或尚未产生日志。LOG_LEVEL 为 {{level}}。",
    since: "自 {{at}} 以来的最近 2,000 行，取自进程内存。LOG_LEVEL 为 {{level}}。",
    onLambda: "在 Lambda 上每个函数有自己的日志：请在 CloudWatch 中查看对应的日志组。",
  },
};
