import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { RequestDetail } from "../../api/usage.ts";
import { useFormat } from "../../parts/format.ts";
import classes from "./requests.module.css";

const known = [
  ...(["input", "output", "cacheRead", "cacheWrite5m", "cacheWrite1h", "webSearch", "fileSearch"] as const),
  ...(["inputImage", "inputAudio", "inputVideo", "cacheReadImage", "cacheReadAudio"] as const),
  ...(["outputImage", "outputAudio", "outputVideo", "part"] as const),
];

/** How the cost came about, class by class at its rate. */
export function Costs({ request }: { readonly request: RequestDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (request.costs.length === 0)
    return (
      <Text c="dimmed">{t(request.tokens > 0 && !request.isPriced ? "requests.noPrice" : "requests.noCost")}</Text>
    );
  const words = (name: string) => t(`costClasses.${known.find((one) => one === name) ?? "input"}`);
  return (
    <>
      {request.isEstimated && <Text c="dimmed">{t("requests.estimated")}</Text>}
      {request.isUndelivered && <Text c="dimmed">{t("requests.undelivered")}</Text>}
      {request.isOwnPrice && <Text c="dimmed">{t("prices.usedOwn")}</Text>}
      {request.isAssumedPrice && <Text c="dimmed">{t("prices.usedAssumed")}</Text>}
      <table className={classes.small}>
        <thead>
          <tr>
            <th>{t("requests.class")}</th>
            <th className={classes.number}>{t("requests.count")}</th>
            <th className={classes.number}>{t("requests.rate")}</th>
            <th className={classes.number}>{t("measures.costUsd")}</th>
          </tr>
        </thead>
        <tbody>
          {request.costs.map((cost) => (
            <tr key={cost.class}>
              <td>{words(cost.class)}</td>
              <td className={classes.number}>{format.number(cost.count)}</td>
              <td className={classes.number}>{format.usdExact(cost.rateUsd)}</td>
              <td className={classes.number}>{format.usdExact(cost.costUsd)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <td colSpan={3}>{t("requests.sum")}</td>
            <td className={classes.number}>{format.usdExact(request.costUsd)}</td>
          </tr>
        </tfoot>
      </table>
    </>
  );
}
