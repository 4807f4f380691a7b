import type { ReactElement } from "react";
import { IconButton } from "../parts/button.tsx";
import { DropMenu } from "../parts/drop-menu.tsx";
import { chooseTheme, THEMES, useTheme } from "../theme/theme.ts";

const LABELS = { system: "As the system", light: "Light", dark: "Dark" } as const;

export function ThemeMenu(): ReactElement {
  const theme = useTheme();
  return (
    <DropMenu
      trigger={<IconButton icon="theme" label="Colours (t)" />}
      entries={THEMES.map((name) => ({
        label: LABELS[name],
        checked: name === theme,
        onPick: () => chooseTheme(name),
      }))}
    />
  );
}
