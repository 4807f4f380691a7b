import { useEffect, useState } from "react";
import type { JobRow } from "../../../../src/dashboard/api/index.ts";
import { useCan } from "../../api/use-meta.ts";
import { useShortcuts } from "../../app/shortcuts.ts";
import { announce } from "../../parts/announce.ts";
import type { Selection } from "./jobs-table.tsx";

interface ListKeys {
  readonly cursor: string | undefined;
}

interface Wanted {
  readonly rows: readonly JobRow[];
  readonly selection: Selection;
  /** The ids that are selected and still there. */
  readonly selected: readonly string[];
  /** The job that stands open beside the list: the cursor is at it. */
  readonly opened: string | undefined;
  readonly onSelect: (selection: Selection) => void;
  readonly onAct: (action: "requeue" | "delete", ids: readonly string[]) => void;
  readonly onOpen: (id: string) => void;
  readonly onRenew: () => void;
}

/** The list under the fingers: move, select, open, act. What is done is done to the selected ones, else to the one at the cursor. */
export function useListKeys(wanted: Wanted): ListKeys {
  const { rows, selection, selected, opened, onSelect, onAct, onOpen, onRenew } = wanted;
  const [mayRequeue, mayDelete] = [useCan("requeue"), useCan("delete")];
  // Beside the list, these keys mean the job that is open.
  const may = { requeue: mayRequeue && opened === undefined, delete: mayDelete && opened === undefined };
  const [cursor, setCursor] = useState(opened);
  const [anchor, setAnchor] = useState<string>();
  useEffect(() => {
    if (opened !== undefined) setCursor(opened);
  }, [opened]);
  const at = rows.findIndex(({ id }) => id === cursor);
  const move = (by: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
    if (row === undefined) return;
    setCursor(row.id);
    announce(`${row.displayName ?? row.name}, ${row.state}`);
  };
  const meant = selected.length > 0 ? selected : cursor === undefined ? [] : [cursor];
  const act = (action: "requeue" | "delete") => meant.length > 0 && onAct(action, meant);
  const open = () => cursor !== undefined && onOpen(cursor);
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
  const list = { group: "List" } as const;
  useShortcuts([
    { keys: "j", label: "Next row", repeats: true, ...list, run: () => move(1) },
    { keys: "k", label: "Row before", repeats: true, ...list, run: () => move(-1) },
    { keys: "x", label: "Select the row", ...list, run: toggle },
    { keys: "X", label: "Select up to here", ...list, run: range },
    { keys: "o", label: "Open the job beside the list", ...list, run: open },
    { keys: "Enter", label: "The same", ...list, run: open },
    ...(may.requeue ? [{ keys: "r", label: "Requeue", ...list, run: () => act("requeue") }] : []),
    ...(may.delete ? [{ keys: "d", label: "Delete", ...list, run: () => act("delete") }] : []),
    { keys: ".", label: "Show what is new", ...list, run: onRenew },
    { keys: "Escape", label: "Select nothing", ...list, run: () => onSelect({}) },
  ]);
  return { cursor };
}
