import { Menu } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";

export interface MenuEntry {
  readonly label: string;
  readonly icon?: IconName;
  readonly checked?: boolean;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onPick: () => void;
}

/** A button that opens a list of things to do. Arrows, Home, End, typing ahead and Escape work. */
export function DropMenu({ trigger, entries, children }: {
  readonly trigger: ReactElement;
  readonly entries: readonly MenuEntry[];
  readonly children?: ReactNode;
}): ReactElement {
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger render={trigger} />
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="end" className="z-50">
          <Menu.Popup className="card max-h-96 min-w-44 overflow-y-auto bg-raised p-1 shadow-xl outline-none">
            {children}
            {entries.map((entry) => (
              <Menu.Item
                key={entry.label}
                disabled={entry.disabled ?? false}
                onClick={entry.onPick}
                className={`flex h-8 cursor-default items-center gap-2 rounded-md px-2 outline-none select-none data-disabled:opacity-50 data-highlighted:bg-hover ${entry.danger ? "text-failed" : ""}`}
              >
                {entry.icon && <Icon name={entry.icon} size={14} />}
                <span className="flex-1">{entry.label}</span>
                {entry.checked && <Icon name="check" size={14} className="text-accent" />}
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
