import type { ReactElement } from "react";
import { Pill } from "../../parts/pill.tsx";

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
    <Pill title="Show the list as it is now (.)" onClick={onShow}>
      {parts.filter(Boolean).join(", ")}
    </Pill>
  );
}
