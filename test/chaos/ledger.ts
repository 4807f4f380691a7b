import { readFileSync } from "node:fs";

/** One line of what really happened, told by the jobs themselves and not by the storage. */
export interface LedgerEntry {
  readonly event: "start" | "end";
  readonly id: string;
  readonly attempt: number;
  readonly fence: number;
  readonly pid: number;
  readonly at: number;
}

/** All runs of all jobs, by job, in the order in which they were written down. */
export function readLedger(file: string): Map<string, LedgerEntry[]> {
  const entries = new Map<string, LedgerEntry[]>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line === "") continue;
    const entry: LedgerEntry = JSON.parse(line);
    const known = entries.get(entry.id);
    if (known === undefined) entries.set(entry.id, [entry]);
    else known.push(entry);
  }
  return entries;
}

export function starts(entries: readonly LedgerEntry[]): LedgerEntry[] {
  return entries.filter(({ event }) => event === "start");
}
