import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { JobRow } from "../../../../src/dashboard/api/index.ts";
import { useShortcuts } from "../../app/shortcuts.ts";
import type { Selection } from "./jobs-table.tsx";

interface ListKeys {
  readonly cursor: string | undefined;
}

interface Wanted {
  readonly rows: readonly JobRow[];
  readonly selection: Selection;
  readonly onSelect: (selection: Selection) => void;
  readonly onAct: (action: "requeue" | "delete", ids: readonly string[]) => void;
  readonly onRenew: () => void;
}

/** The list under the fingers: move, select, open, act. What is done is done to the selected ones, else to the one at the cursor. */
export function useListKeys({ rows, selection, onSelect, onAct, onRenew }: Wanted): ListKeys {
  const navigate = useNavigate();
  const [cursor, setCursor] = useState<string>();
  const [anchor, setAnchor] = useState<string>();
  const at = rows.findIndex(({ id }) => id === cursor);
  const move = (by: number) => setCursor(rows[Math.max(0, Math.min(rows.length - 1, at + by))]?.id);
  const selected = Object.keys(selection).filter((id) => selection[id] === true);
  const meant = selected.length > 0 ? selected : cursor === undefined ? [] : [cursor];
  const act = (action: "requeue" | "delete") => meant.length > 0 && onAct(action, meant);
  const toggle = () => {
    if (cursor === undefined) return;
    setAnchor(cursor);
    const { [cursor]: was, ...others } = selection;
    onSelect(was ? others : { ...others, [cursor]: true });
  };
  const range = () => {
    const from = rows.findIndex(({ id }) => id === anchor);
    if (at < 0 || from < 0) return toggle();
    const between = rows.slice(Math.min(from, at), Math.max(from, at) + 1);
    onSelect({ ...selection, ...Object.fromEntries(between.map(({ id }) => [id, true as const])) });
  };
  useShortcuts([
    { keys: "j", label: "Next row", group: "List", run: () => move(1) },
    { keys: "k", label: "Row before", group: "List", run: () => move(-1) },
    { keys: "x", label: "Select the row", group: "List", run: toggle },
    { keys: "X", label: "Select up to here", group: "List", run: range },
    {
      keys: "o",
      label: "Open the job",
      group: "List",
      run: () => cursor !== undefined && void navigate({ to: "/jobs/$id", params: { id: cursor } }),
    },
    { keys: "r", label: "Requeue", group: "List", run: () => act("requeue") },
    { keys: "d", label: "Delete", group: "List", run: () => act("delete") },
    { keys: ".", label: "Show what is new", group: "List", run: onRenew },
    { keys: "Escape", label: "Select nothing", group: "List", run: () => onSelect({}) },
  ]);
  return { cursor };
}
