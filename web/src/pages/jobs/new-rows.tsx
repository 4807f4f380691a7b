import type { ReactElement } from "react";
import { Icon } from "../../parts/icon.tsx";

interface NewRowsProps {
  readonly arrived: number;
  readonly gone: number;
  readonly onShow: () => void;
}

/** What has changed since the list was drawn. The list moves when people say so, never under their hand. */
export function NewRows({ arrived, gone, onShow }: NewRowsProps): ReactElement | null {
  if (arrived === 0 && gone === 0) return null;
  const parts = [
    arrived > 0 ? `${arrived >= 50 ? "50+" : arrived} new` : "",
    gone > 0 ? `${gone} moved on` : "",
  ];
  return (
    <button
      type="button"
      onClick={onShow}
      title="Show the list as it is now (.)"
      className="inline-flex h-7 items-center gap-1.5 rounded-full bg-accent-wash px-3 text-xs font-medium text-accent ring-1 ring-accent hover:bg-accent hover:text-background"
    >
      <Icon name="up" size={12} />
      {parts.filter(Boolean).join(", ")}
    </button>
  );
}
