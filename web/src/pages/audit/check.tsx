import { Alert, Button } from "@mantine/core";
import { ShieldCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { checkAudit } from "../../api/watch.ts";
import { useAct } from "../../parts/act.ts";
import { useFormat } from "../../parts/format.ts";

type Checked = Awaited<ReturnType<typeof checkAudit>>;

/** Goes through the whole chain when asked, and tells whether an entry was changed, taken out or put in. */
export function useAuditCheck() {
  const { t } = useTranslation();
  const { act, isBusy } = useAct();
  const [found, setFound] = useState<Checked>();
  const button = (
    <Button
      variant="default"
      leftSection={<ShieldCheck size={16} />}
      loading={isBusy}
      onClick={() => void act(async () => setFound(await checkAudit()))}
    >
      {t("audit.check")}
    </Button>
  );
  return { button, outcome: found && <Outcome found={found} /> };
}

function Outcome({ found: { isWhole, from, to, problems } }: { readonly found: Checked }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (isWhole)
    return (
      <Alert mb="md" color="teal" role="status">
        {t("audit.whole", { from: format.number(from), to: format.number(to) })}
      </Alert>
    );
  return (
    <Alert mb="md" color="red" role="alert" title={t("audit.broken")}>
      {problems.map(({ number, problem }) => (
        <div key={`${number} ${problem}`}>
          {t("audit.problem", { number, problem: t(`audit.problems.${problem}`) })}
        </div>
      ))}
    </Alert>
  );
}
