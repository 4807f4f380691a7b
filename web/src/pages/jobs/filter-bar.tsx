import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useId, useRef, useState } from "react";
import { useMaySeeData } from "../../api/use-meta.ts";
import { Button } from "../../parts/button.tsx";
import { DropMenu } from "../../parts/drop-menu.tsx";
import { fingerprintOf } from "../../parts/fingerprint.ts";
import { Icon } from "../../parts/icon.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { shortTime } from "../../time/format-time.ts";
import { useZone } from "../../time/zone.ts";
import { FilterField } from "./filter-field.tsx";
import { parseFilter } from "./filter-grammar.ts";
import { FILTER_KEYS, type FilterKey, type JobSearch, stateOf } from "./job-search.ts";

const HINTS: Readonly<Record<FilterKey, string>> = {
  name: "Job name",
  queue: "Queue",
  tag: "Tag",
  hold: "What holds it",
  args: "Text in the arguments",
  path: "Path in the arguments",
  error: "Text of error, reason or result",
  since: "Since",
  before: "Before",
};
const NEEDS_DATA: readonly FilterKey[] = ["args", "path", "error"];

/** One line to type filters into, and a chip for each that holds. All of it is in the URL. */
export function FilterBar({
  search,
  onChange,
}: {
  readonly search: JobSearch;
  readonly onChange: (search: JobSearch) => void;
}): ReactElement {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const seesData = useMaySeeData();
  const zone = useZone();
  // What is open beside the list may not be in the next one.
  const { open: _, ...list } = search;
  const told = useId();
  const keys = FILTER_KEYS.filter((key) => seesData || !NEEDS_DATA.includes(key));
  const submit = () => {
    const parsed = parseFilter(text, stateOf(search) === "Failed" ? "error" : "args", zone);
    setProblem(parsed.problem);
    if (parsed.problem !== undefined) return;
    if (parsed.id !== undefined) void navigate({ to: "/jobs/$id", params: { id: parsed.id } });
    else onChange({ ...list, ...parsed.filters });
    setText("");
  };
  const begin = (key: FilterKey) => {
    setText((before) => `${before}${before === "" || before.endsWith(" ") ? "" : " "}${key}:`);
    requestAnimationFrame(() => field.current?.focus());
  };
  return (
    <search className="mb-3 flex flex-col gap-2">
      <form
        className="flex gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <FilterField
          {...{ field, line: text, keys, told, invalid: problem !== undefined }}
          onChange={setText}
        />
        <DropMenu
          trigger={<Button icon="down">Add</Button>}
          entries={keys.map((key) => ({ label: HINTS[key], onPick: () => begin(key) }))}
        />
      </form>
      <p id={told} role="status" className="text-failed empty:hidden">
        {problem}
      </p>
      <Chips search={list} onChange={onChange} />
    </search>
  );
}

function Chips({
  search,
  onChange,
}: {
  readonly search: JobSearch;
  readonly onChange: (search: JobSearch) => void;
}): ReactElement | null {
  const zone = useZone();
  const held = FILTER_KEYS.flatMap((key) => {
    const value = search[key];
    return value === undefined ? [] : [{ key, value }];
  });
  if (held.length === 0) return null;
  const without = (key: FilterKey) =>
    Object.fromEntries(Object.entries(search).filter(([name]) => name !== key));
  const shown = (key: FilterKey, value: string) =>
    (key === "since" || key === "before") && /^\d{6,}$/.test(value)
      ? shortTime(Number(value), zone, 0)
      : (fingerprintOf(value) ?? visibleText(value));
  return (
    <ul aria-label="Filters" className="flex flex-wrap items-center gap-1.5">
      {held.map(({ key, value }) => (
        <li
          key={key}
          className="flex h-7 max-w-full items-center gap-1 rounded-md border border-line bg-accent-wash pl-2 text-xs"
        >
          <span className="text-muted">{key}</span>
          <span title={shown(key, value)} className="max-w-72 truncate font-mono">
            {shown(key, value)}
          </span>
          <button
            type="button"
            aria-label={`Remove the filter ${key}`}
            className="grid size-6.5 place-items-center rounded-md hover:text-accent"
            onClick={() => onChange(without(key))}
          >
            <Icon name="close" size={12} />
          </button>
        </li>
      ))}
      <li>
        <Button
          small
          look="quiet"
          onClick={() => onChange(search.state === undefined ? {} : { state: search.state })}
        >
          Clear all
        </Button>
      </li>
    </ul>
  );
}
