import type { IconName } from "./icon.tsx";

export interface MenuEntry {
  readonly label: string;
  readonly icon?: IconName;
  readonly checked?: boolean;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onPick: () => void;
}
