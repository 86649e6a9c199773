import { Button } from "@mantine/core";
import { RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { Component } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "../parts/empty.tsx";

interface Props {
  readonly children: ReactNode;
  /** What the page shows; when it changes, a broken page gets another chance. */
  readonly place?: string;
}

interface Broken {
  readonly error: Error | undefined;
  readonly place: string | undefined;
}

/** Keeps a page that broke from taking the console with it. */
export class Boundary extends Component<Props, Broken> {
  override state: Broken = { error: undefined, place: this.props.place };

  static getDerivedStateFromError(error: Error): Partial<Broken> {
    return { error };
  }

  static getDerivedStateFromProps(props: Props, state: Broken): Partial<Broken> | null {
    return props.place === state.place ? null : { place: props.place, error: undefined };
  }

  override render(): ReactNode {
    return this.state.error ? <Sorry error={this.state.error} /> : this.props.children;
  }
}

/** A chunk that is gone means that the console was deployed anew while this page was open. */
const isOldVersion = (error: Error) =>
  /dynamically imported module|Importing a module script failed|error loading/i.test(error.message);

function Sorry({ error }: { readonly error: Error }) {
  const { t } = useTranslation();
  const kind = isOldVersion(error) ? "old" : "broken";
  return (
    <div role="alert">
      <Empty
        icon={<RotateCw size={20} />}
        title={t(`shell.${kind}.title`)}
        action={<Button onClick={() => location.reload()}>{t("shell.reload")}</Button>}
      >
        {t(`shell.${kind}.detail`)} {kind === "broken" && <span className="mono">{error.message}</span>}
      </Empty>
    </div>
  );
}
