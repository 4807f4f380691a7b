import { cloneElement, lazy, type ReactElement, Suspense, useState } from "react";
import type { MenuEntry } from "./menu-entry.ts";

interface TriggerProps {
  readonly onClick?: () => void;
  readonly onPointerEnter?: () => void;
  readonly onFocus?: () => void;
  readonly "aria-haspopup"?: "menu";
  readonly "aria-expanded"?: boolean;
}

const load = () => import("./menu-list.tsx");
const MenuList = lazy(load);

/** A button that opens a list of things to do. Its machinery is loaded when a pointer or the focus comes near it. */
export function DropMenu({
  trigger,
  entries,
}: {
  readonly trigger: ReactElement<TriggerProps>;
  readonly entries: readonly MenuEntry[];
}): ReactElement {
  const [wanted, setWanted] = useState(false);
  const near = () => void load();
  const closed = cloneElement(trigger, {
    ...{ onClick: () => setWanted(true), onPointerEnter: near, onFocus: near },
    ...({ "aria-haspopup": "menu", "aria-expanded": false } as const),
  });
  if (!wanted) return closed;
  return (
    <Suspense fallback={closed}>
      <MenuList trigger={trigger} entries={entries} />
    </Suspense>
  );
}
