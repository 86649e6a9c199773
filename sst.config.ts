/// <reference path="./.sst/platform/config.d.ts" />

/** The relay on AWS: `npx sst deploy --stage production`. Each concern has its file in infra/; docs/deploy-aws.md explains. */
export default $config({
  async app(input) {
    const { describeApp } = await import("./infra/stage.ts");
    return describeApp(input.stage);
  },
  async run() {
    await import("./infra/check.ts");
    const { router } = await import("./infra/router.ts");
    const { functions } = await import("./infra/functions.ts");
    await import("./infra/hosts.ts");
    await import("./infra/web.ts");
    await import("./infra/schedules.ts");
    await import("./infra/alarms.ts");
    await import("./infra/budget.ts");
    return { url: router.url, console: $interpolate`${router.url}/web`, functions: Object.keys(functions).length };
  },
});
