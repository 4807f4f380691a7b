import type { ClaimedJob, ClaimRequest } from "../../storage/index.ts";
import { toLimit } from "./limit-columns.ts";
import { toTags } from "./row.ts";

/** Null where nothing was free: one row of nulls says that the lease is live all the same. */
export type Answer = ClaimedRow | null[];

/** Who claims, and the entry that the jobs get: known already, so the answer need not repeat it for each job. */
type Claimant = Pick<ClaimRequest, "incarnation" | "entry">;

/** Of a claim's answer every column costs: what all claimed jobs have in common is left out. */
const COLUMNS = [
  "id",
  "seq",
  "state_at",
  "created_at",
  "due_at",
  "fence",
  "failures",
  "crashes",
  "rank",
  "flags",
  "queue",
  "name",
  "args",
  "display_name",
  "history",
  "planned_at",
  "parameters",
  "tags",
  "limit_key",
  "limit_max",
  "limit_skip",
  "blamed",
] as const;

/** `place` counts what the claim has locked, from 1. */
type ClaimedRow = [
  id: string,
  seq: number,
  stateAt: number,
  createdAt: number,
  dueAt: number | null,
  fence: number,
  failures: number,
  crashes: number,
  rank: number,
  flags: number,
  queue: string,
  name: string,
  args: string,
  displayName: string | null,
  history: string,
  plannedAt: number | null,
  parameters: string | null,
  tags: string | null,
  limitKey: string | null,
  limitMax: number | null,
  limitSkip: boolean | null,
  blamed: boolean,
  place: number,
];
const PLACE = 22;

/** What a claim returns of the rows that it has changed: `row`, and their place among `picked`. */
export function claimed(row: string, picked: string): string {
  return `${COLUMNS.map((column) => `${row}.${column}`).join(", ")}, ${picked}.place`;
}

/** In the order in which they were claimed, which RETURNING does not promise, and the place of the last. */
export function toClaims(
  answers: readonly Answer[],
  claimant: Claimant,
): { readonly jobs: ClaimedJob[]; readonly lastPlace: number } {
  const rows = answers.filter(isJob).sort((a, b) => a[PLACE] - b[PLACE]);
  return { jobs: rows.map((row) => toClaimed(row, claimant)), lastPlace: rows.at(-1)?.[PLACE] ?? 0 };
}

function isJob(row: Answer): row is ClaimedRow {
  return row[0] !== null;
}

function toClaimed(row: ClaimedRow, { incarnation, entry }: Claimant): ClaimedJob {
  return {
    id: row[0],
    queue: row[10],
    rank: row[8],
    seq: row[1],
    state: "Processing",
    stateAt: row[2],
    entry,
    hold: null,
    createdAt: row[3],
    dueAt: row[4],
    name: row[11],
    args: row[12],
    displayName: row[13],
    failures: row[6],
    crashes: row[7],
    fence: row[5],
    owner: incarnation,
    flags: row[9],
    history: row[14],
    plannedAt: row[15],
    parameters: row[16],
    tags: toTags(row[17]),
    limit: toLimit(row[18], row[19], row[20]),
    blamed: row[21],
  };
}
