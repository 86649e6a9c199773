import type { vendors as english } from "../en/vendors.ts";

export const vendors: typeof english = {
  vendors: {
    choice: "服务商",
    choiceNote: "使用该接口格式的服务商；选择后自动填入地址。未列出的请填写 Base URL。",
    own: "{{kind}} 官方，或自定义地址",
    docs: "服务商文档",
    serves: "将服务 {{models}}。",
    example: "这是示例地址，请改为您自己的服务器地址。",
  },
};
