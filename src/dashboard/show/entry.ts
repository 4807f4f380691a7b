import { isRecord } from "../../job/options.ts";
import type { JobRecord, RowCut } from "../../storage/index.ts";
import { closeJson } from "./close-json.ts";

/** One entry of a history, as far as it can be read. */
export interface Entry {
  readonly at: number;
  readonly [member: string]: unknown;
}

/** The entry of the current state, of a row that was cut so: what is whole of it; of Enqueued, whose entry closes the history, the last line. */
export function currentEntry({ state, stateAt, entry, history }: JobRecord, cut?: RowCut): Entry {
  const begun = `{"at":${stateAt},${entry}`;
  const isWhole = cut === undefined || entry.length < cut.entry;
  if (state !== "Enqueued") return readEntry(isWhole ? `${begun}}` : closeJson(begun)) ?? { at: stateAt };
  const lines = history.trimEnd();
  return readEntry(lines.slice(lines.lastIndexOf("\n") + 1)) ?? { at: stateAt };
}

/** All entries, the oldest first and the current one last; how many older ones are no longer kept. */
export function entriesOf(job: JobRecord): { readonly entries: readonly Entry[]; readonly dropped: number } {
  const lines = job.history.split("\n").filter((line) => line !== "");
  const read = lines.map(readEntry).filter((entry) => entry !== null);
  const dropped = read.reduce((sum, { dropped: more }) => sum + (typeof more === "number" ? more : 0), 0);
  const past = read.filter((entry) => entry.dropped === undefined);
  return { entries: job.state === "Enqueued" ? past : [...past, currentEntry(job)], dropped };
}

/** Null for a line that is no entry: looking at a broken job must work. */
function readEntry(line: string): Entry | null {
  try {
    const found: unknown = JSON.parse(line);
    if (!isRecord(found)) return null;
    return typeof found.at === "number" ? { ...found, at: found.at } : { ...found, at: 0 };
  } catch {
    return null;
  }
}

export function textIn(entry: Entry, member: string): string | null {
  const value = entry[member];
  return typeof value === "string" ? value : null;
}

export function numberIn(entry: Entry, member: string): number | null {
  const value = entry[member];
  return typeof value === "number" ? value : null;
}
