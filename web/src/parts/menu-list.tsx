import { Menu } from "@base-ui/react/menu";
import type { ReactElement } from "react";
import { Icon } from "./icon.tsx";
import type { MenuEntry } from "./menu-entry.ts";

/** The list itself: arrows, Home, End, typing ahead and Escape are Base UI's. It opens as soon as it is there. */
export default function MenuList({
  trigger,
  entries,
}: {
  readonly trigger: ReactElement;
  readonly entries: readonly MenuEntry[];
}): ReactElement {
  return (
    <Menu.Root modal={false} defaultOpen>
      <Menu.Trigger render={trigger} />
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="end" className="z-50">
          <Menu.Popup className="card max-h-96 min-w-44 overflow-y-auto bg-raised p-1 shadow-xl outline-none">
            {entries.map((entry, at) => (
              <Menu.Item
                // biome-ignore lint/suspicious/noArrayIndexKey: two may have the same name, and none moves while it is open
                key={at}
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
