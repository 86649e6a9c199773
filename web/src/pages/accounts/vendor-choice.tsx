import { Anchor, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client.ts";
import { api, take } from "../../api/client.ts";
import type { Kind } from "./kinds.ts";

export type Vendor = Schemas["Vendor"];

interface Props {
  readonly kind: Kind;
  readonly vendor: Vendor | undefined;
  readonly choose: (vendor: Vendor | undefined) => void;
}

/** Fills in what a known vendor needs. Not shown for kinds that nobody else speaks, nor where the list cannot be had. */
export function VendorChoice({ kind, vendor, choose }: Props) {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ["vendors"],
    queryFn: () => take(api.GET("/admin/vendors")),
    staleTime: Infinity,
  });
  const offered = (data?.items ?? []).filter((one) => one.kind === kind.kind);
  if (offered.length === 0) return null;
  return (
    <Select
      label={t("vendors.choice")}
      description={vendor ? <About vendor={vendor} /> : t("vendors.choiceNote")}
      placeholder={t("vendors.own", { kind: kind.label })}
      data={offered.map(({ name }) => name)}
      value={vendor?.name ?? null}
      onChange={(name) => choose(offered.find((one) => one.name === name))}
      searchable
      clearable
      clearButtonProps={{ "aria-label": t("vendors.own", { kind: kind.label }) }}
    />
  );
}

function About({ vendor }: { readonly vendor: Vendor }) {
  const { t } = useTranslation();
  if (vendor.isExample) return <>{t("vendors.example")}</>;
  return (
    <>
      {vendor.models.length > 0 && t("vendors.serves", { models: vendor.models.join(", ") })}{" "}
      <Anchor size="xs" href={vendor.docs} target="_blank" rel="noopener noreferrer">
        {t("vendors.docs")}
      </Anchor>
    </>
  );
}
