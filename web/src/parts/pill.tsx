import type { ReactElement, ReactNode } from "react";
import { Icon } from "./icon.tsx";

interface PillProps {
  readonly title?: string;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

/** Something has changed, and waits until people want it. */
export function Pill({ title, onClick, children }: PillProps): ReactElement {
  return (
    <button
      type="button"
      onClick={onClick}
      title={title}
      className="inline-flex h-7 items-center gap-1.5 rounded-full bg-accent-wash px-3 text-xs font-medium text-accent ring-1 ring-accent hover:bg-accent hover:text-background"
    >
      <Icon name="up" size={12} />
      {children}
    </button>
  );
}
