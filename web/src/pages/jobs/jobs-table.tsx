import { type RowSelectionState, useTable } from "@tanstack/react-table";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import {
  type MouseEvent,
  type ReactElement,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { JobRow } from "../../../../src/dashboard/api/index.ts";
import { shortId } from "../../parts/short-id.ts";
import { visibleText } from "../../parts/visible-text.ts";
import { columnClass, columns, features, visibleColumns } from "./job-columns.tsx";
import type { ListState } from "./job-search.ts";

export type Selection = RowSelectionState;

interface JobsTableProps {
  readonly rows: readonly JobRow[];
  readonly state: ListState;
  readonly withArguments: boolean;
  readonly gone: ReadonlySet<string>;
  /** The row that the keys are at. */
  readonly cursor: string | undefined;
  readonly selection: Selection;
  readonly onSelect: (selection: Selection) => void;
  /** The job is wanted beside the list. */
  readonly onOpen: (id: string) => void;
}

const ROW_HEIGHT = 49;
/** What covers the ends of the window: the bar and the head of the table; the selection, or the bar of a phone. */
const UNDER_HEAD = 90;
const ABOVE_FOOT = 80;
const NO_ROWS: readonly JobRow[] = [];

/** Only the rows that can be seen are in the page, however many are loaded. */
export function JobsTable({
  rows,
  state,
  withArguments,
  gone,
  cursor,
  selection,
  onSelect,
  onOpen,
}: JobsTableProps): ReactElement {
  // The table takes a new object for a change, and draws anew for each.
  const tableState = useMemo(
    () => ({ rowSelection: selection, columnVisibility: visibleColumns(state, withArguments) }),
    [selection, state, withArguments],
  );
  const table = useTable({
    features,
    columns,
    data: rows.length === 0 ? NO_ROWS : rows,
    getRowId: (row) => row.id,
    state: tableState,
    onRowSelectionChange: (change) => onSelect(typeof change === "function" ? change(selection) : change),
  });
  const body = useRef<HTMLTableSectionElement>(null);
  const top = useTop(body);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    scrollMargin: top,
    ...{ scrollPaddingStart: UNDER_HEAD, scrollPaddingEnd: ABOVE_FOOT },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a move of the cursor scrolls
  useEffect(() => {
    const at = rows.findIndex(({ id }) => id === cursor);
    if (at >= 0) virtual.scrollToIndex(at, { align: "auto" });
  }, [cursor]);
  const seen = virtual.getVirtualItems();
  const before = (seen[0]?.start ?? top) - top;
  const after = virtual.getTotalSize() - ((seen.at(-1)?.end ?? top) - top);
  const model = table.getRowModel().rows;
  return (
    <table className="w-full table-fixed border-separate border-spacing-0" aria-rowcount={rows.length + 1}>
      <thead>
        {table.getHeaderGroups().map((group) => (
          <tr key={group.id}>
            <th
              scope="col"
              className="sticky top-12 z-10 w-9 rounded-tl-lg border-b border-line bg-surface py-2 pl-3 text-left"
            >
              <input
                type="checkbox"
                aria-label="All shown"
                className="size-4 align-middle accent-accent"
                checked={table.getIsAllRowsSelected()}
                ref={(box) => {
                  if (box !== null)
                    box.indeterminate = table.getIsSomeRowsSelected() && !table.getIsAllRowsSelected();
                }}
                onChange={table.getToggleAllRowsSelectedHandler()}
              />
            </th>
            {group.headers.map((header) => (
              <th
                key={header.id}
                scope="col"
                className={`label-small sticky top-12 z-10 border-b border-line bg-surface px-3 py-2 text-left last:rounded-tr-lg ${columnClass(header.column.id, state)}`}
              >
                <table.FlexRender header={header} />
              </th>
            ))}
          </tr>
        ))}
      </thead>
      <tbody ref={body}>
        <Gap height={before} />
        {seen.map(({ index }) => {
          const row = model[index];
          if (row === undefined) return null;
          const isGone = gone.has(row.id);
          return (
            <tr
              key={row.id}
              data-index={index}
              ref={virtual.measureElement}
              aria-rowindex={index + 2}
              aria-selected={row.getIsSelected()}
              data-cursor={row.id === cursor || undefined}
              onClickCapture={(event) => asksToOpen(event) && onOpen(row.id)}
              className="group cursor-pointer hover:bg-hover aria-selected:bg-accent-wash data-cursor:shadow-[inset_2px_0_0_var(--accent)]"
            >
              <td className="border-b border-line py-1.5 pl-3">
                <input
                  type="checkbox"
                  aria-label={visibleText(
                    `Select ${row.original.displayName ?? row.original.name} ${shortId(row.id)}`,
                  )}
                  className="size-4 align-middle accent-accent"
                  checked={row.getIsSelected()}
                  onChange={row.getToggleSelectedHandler()}
                />
              </td>
              {row.getVisibleCells().map((cell) => (
                <td
                  key={cell.id}
                  className={`border-b border-line px-3 py-1.5 align-middle ${isGone ? "opacity-45" : ""} ${columnClass(cell.column.id, state)}`}
                >
                  <table.FlexRender cell={cell} />
                </td>
              ))}
            </tr>
          );
        })}
        <Gap height={after} />
      </tbody>
    </table>
  );
}

/** A plain click on the row or on its link. With a key held, the link is for the browser; text that is being marked is left alone. */
function asksToOpen(event: MouseEvent<HTMLElement>): boolean {
  const { target, button, ctrlKey, metaKey, shiftKey, altKey } = event;
  if (button !== 0 || ctrlKey || metaKey || shiftKey || altKey || !(target instanceof Element)) return false;
  if (target.closest("a:not([data-job]), button, input, label") !== null) return false;
  const link = target.closest("a[data-job]");
  if (link === null && getSelection()?.isCollapsed === false) return false;
  event.preventDefault();
  return true;
}

function Gap({ height }: { readonly height: number }): ReactElement | null {
  if (height <= 0) return null;
  return (
    <tr>
      <td style={{ height }} />
    </tr>
  );
}

/** Where the rows begin in the page: what is above them changes its height. */
function useTop(body: RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measured = (body.current?.getBoundingClientRect().top ?? 0) + scrollY;
    setTop(Math.round(measured));
  });
  return top;
}
