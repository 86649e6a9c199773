import { Drawer } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Brand } from "./brand.tsx";
import { Navigation, type NavigationProps } from "./navigation.tsx";

interface Props extends NavigationProps {
  readonly isOpen: boolean;
  readonly close: () => void;
}

/** The navigation on screens that have no room for it beside the page. */
export default function MobileMenu({ isOpen, close, ...navigation }: Props) {
  const { t } = useTranslation();
  return (
    <Drawer
      opened={isOpen}
      onClose={close}
      position="left"
      size={280}
      title={<Brand />}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <Navigation {...navigation} />
    </Drawer>
  );
}
