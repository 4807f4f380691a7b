import { type ReactElement, useState } from "react";
import type { ShownJson } from "../../../src/dashboard/api/index.ts";
import { readSpecial } from "./shown-json.ts";
import { visibleText } from "./visible-text.ts";

const MOST = 100;
const OPEN_DEPTH = 2;

/** A value that a job was given or gave, as text only: nothing in it is ever markup, a link, or a key of ours. */
export function JsonTree({ value }: { readonly value: ShownJson }): ReactElement {
  return (
    <div className="job-text">
      <Node value={value} depth={0} />
    </div>
  );
}

function Node({ value, depth }: { readonly value: ShownJson; readonly depth: number }): ReactElement {
  const special = readSpecial(value);
  if (special?.kind === "text")
    return (
      <span className={special.note ? "text-muted" : "text-scheduled"}>{visibleText(special.text)}</span>
    );
  const plain = special === undefined ? value : special.value;
  if (typeof plain !== "object" || plain === null) return <Scalar value={plain} />;
  const list = Array.isArray(plain);
  const entries: readonly (readonly [string, ShownJson])[] = Object.entries(plain);
  if (entries.length === 0) return <span className="text-muted">{list ? "[]" : "{}"}</span>;
  return <Branch entries={entries} list={list} depth={depth} word={special?.word ?? ""} />;
}

function Branch({
  entries,
  list,
  depth,
  word,
}: {
  readonly entries: readonly (readonly [string, ShownJson])[];
  readonly list: boolean;
  readonly depth: number;
  readonly word: string;
}): ReactElement {
  const [open, setOpen] = useState(depth < OPEN_DEPTH);
  const [shown, setShown] = useState(MOST);
  const count = `${word}${list ? `[${entries.length}]` : `{${entries.length}}`}`;
  return (
    <>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="rounded px-0.5 text-muted hover:bg-hover hover:text-ink"
      >
        <span aria-hidden="true" className="inline-block w-3">
          {open ? "▾" : "▸"}
        </span>
        {count}
      </button>
      {open && (
        <ul className="ml-1.5 border-l border-line pl-3.5">
          {entries.slice(0, shown).map(([key, child]) => (
            <li key={key}>
              <span className={list ? "text-muted" : "text-accent"}>{visibleText(key)}</span>
              <span className="text-muted">: </span>
              <Node value={child} depth={depth + 1} />
            </li>
          ))}
          {entries.length > shown && (
            <li>
              <button type="button" className="text-accent underline" onClick={() => setShown(shown + MOST)}>
                {entries.length - shown} more
              </button>
            </li>
          )}
        </ul>
      )}
    </>
  );
}

function Scalar({ value }: { readonly value: string | number | boolean | null }): ReactElement {
  if (typeof value === "string") return <span className="text-succeeded">{quote(value)}</span>;
  return <span className={value === null ? "text-muted" : "text-processing"}>{String(value)}</span>;
}

/** As JSON writes it, but for line breaks, which are shown as such. */
function quote(text: string): string {
  const plain = JSON.stringify(text).replace(/(?<!\\)((?:\\\\)*)\\n/g, "$1\n");
  return visibleText(plain);
}
