import { enqueued, processingEntry } from "../../src/states/index.ts";
import { type ClaimedJob, entryLine } from "../../src/storage/index.ts";

export const CREATED_AT = 1_700_000_000_000;
export const CLAIMED_AT: number = CREATED_AT + 40;

/** A job as a server holds it after its first claim; `over` makes it another one. */
export function claimedJob(over: Partial<ClaimedJob> = {}): ClaimedJob {
  return {
    id: "018bcfe5-6800-7000-8000-000000000001",
    queue: "default",
    rank: 0,
    seq: 1,
    state: "Processing",
    stateAt: CLAIMED_AT,
    entry: processingEntry("default", "default:4711:abcdef"),
    hold: null,
    createdAt: CREATED_AT,
    dueAt: null,
    plannedAt: null,
    name: "mail.welcome",
    args: '["user@example.com"]',
    displayName: null,
    failures: 0,
    crashes: 0,
    fence: 2,
    limit: null,
    parameters: null,
    tags: [],
    owner: "default:4711:abcdef",
    flags: 0,
    history: entryLine(CREATED_AT, enqueued().entry),
    blamed: true,
    ...over,
  };
}
