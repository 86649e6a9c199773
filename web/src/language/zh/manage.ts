import type { manage as en } from "../en/manage.ts";
import type { Translation } from "../translation.ts";

export const manage: Translation<typeof en> = {
  groups: {
    accounts: "账户",
    target: "分组",
  },
  prices: {
    usedOwn: "按您为该模型自定的价格计算。",
    usedAssumed: "该模型没有价格：按同类模型中最贵的价格计算。",
  },
  review: {
    lastUsedAt: "最近使用",
    cost: "今日 / 总计",
    never: "从未",
    unused_other: "{{count}} 天未使用",
    unusedNote_other: "创建超过 {{count}} 天且此后没有请求的密钥。选中后可一次停用或删除。",
    none: "所有密钥都在使用",
    bound: "绑定到 {{name}}",
  },
};
