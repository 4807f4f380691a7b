import { newId } from "../base/ids.ts";
import type { Logger } from "../base/logger.ts";
import { isRecord } from "../job/options.ts";
import type { DocumentRecord, Storage } from "../storage/index.ts";
import type { AuditEntry } from "./api/audit.ts";
import type { ShownJson } from "./api/shown.ts";
import { Shared } from "./live/shared.ts";

const KIND = "audit";
/** Entries kept; older ones are removed in passing, a few at a time. */
const KEPT = 10_000;
const TRIMMED_EVERY = 50;
const TRIMMED_AT_ONCE = 200;
const PAGE = 200;
/** Entries that one search looks at. */
const SCAN = 2_000;
/** The newest ones, for all who look at single jobs: read once in a while, not once for each of them. */
const NEWEST = 1_000;
const NEWEST_KEPT_MS = 2_000;

/** What somebody does. */
export interface Deed {
  readonly by: string | null;
  readonly action: string;
  readonly subject: string;
  readonly details?: { readonly [key: string]: ShownJson };
}

/** How it ended. */
export interface DeedEnd {
  readonly outcome: "applied" | "refused" | "failed";
  readonly details?: { readonly [key: string]: ShownJson };
}

export interface AuditSearch {
  readonly by?: string;
  readonly action?: string;
  readonly subject?: string;
  readonly after?: string;
  readonly limit: number;
}

/** Who did what through the dashboard, as documents of the storage. */
export class AuditTrail {
  readonly #storage: Storage;
  readonly #logger: Logger;
  readonly #newest: Shared<readonly AuditEntry[]>;
  #written = 0;
  #lastAt = 0;

  constructor(storage: Storage, logger: Logger) {
    this.#storage = storage;
    this.#logger = logger;
    this.#newest = new Shared(NEWEST_KEPT_MS, async () => {
      const search = { limit: NEWEST };
      return (await this.search(search, () => false)).rows;
    });
  }

  /**
   * Does something and writes it down: before, so that nothing is done without a trace, whatever dies in between; and
   * after, how it ended. What cannot be written down is not done.
   */
  async around<T>(deed: Deed, act: () => Promise<T>, endOf: (result: T) => DeedEnd): Promise<T> {
    const id = newId(await this.#nextMoment());
    const begun = { v: 1, ...deed, details: deed.details ?? {}, outcome: "begun" };
    await this.#storage.admin.saveDocuments([{ kind: KIND, id, version: 0, text: JSON.stringify(begun) }]);
    try {
      const result = await act();
      await this.#finish(id, begun, endOf(result));
      return result;
    } catch (error) {
      const message = error instanceof Error ? error.message.slice(0, 500) : String(error).slice(0, 500);
      await this.#finish(id, begun, { outcome: "failed", details: { error: message } });
      throw error;
    }
  }

  /** Ids order the trail: no two deeds of this dashboard share a millisecond. */
  async #nextMoment(): Promise<number> {
    this.#lastAt = Math.max(await this.#storage.now(), this.#lastAt + 1);
    return this.#lastAt;
  }

  /** What was done to one thing, newest first, as far as the newest entries of all tell. */
  async newestOf(subject: string, limit: number): Promise<AuditEntry[]> {
    const newest = await this.#newest.get();
    return newest.filter((entry) => entry.subject === subject).slice(0, limit);
  }

  async search(
    search: AuditSearch,
    isOver: () => boolean,
  ): Promise<{ rows: AuditEntry[]; next: string | null; isWhole: boolean }> {
    const rows: AuditEntry[] = [];
    let after = search.after;
    for (let seen = 0; ; ) {
      const cursor = after === undefined ? {} : { after };
      const page = await this.#storage.admin.listDocuments({
        kind: KIND,
        limit: PAGE,
        descending: true,
        ...cursor,
      });
      for (const record of page) {
        after = record.id;
        const entry = toEntry(record);
        if (entry !== null && isMeant(entry, search)) rows.push(entry);
        if (rows.length === search.limit) return { rows, next: after, isWhole: true };
      }
      seen += page.length;
      if (page.length < PAGE) return { rows, next: null, isWhole: true };
      if (seen >= SCAN || isOver()) return { rows, next: after ?? null, isWhole: false };
    }
  }

  /** The deed is done: that its end cannot be written down must not look like its failure. */
  async #finish(id: string, begun: object, end: DeedEnd): Promise<void> {
    const { admin } = this.#storage;
    try {
      const version = (await admin.getDocument(KIND, id))?.version ?? 0;
      const details = { ...detailsOf(begun), ...end.details };
      const text = JSON.stringify({ ...begun, outcome: end.outcome, details });
      await admin.saveDocuments([{ kind: KIND, id, version, text }]);
      this.#newest.forget();
      if (this.#written++ % TRIMMED_EVERY === 0) await admin.trimDocuments(KIND, KEPT, TRIMMED_AT_ONCE);
    } catch (error) {
      this.#logger.error(
        "the end of an action could not be written to the audit trail of the dashboard",
        error,
      );
    }
  }
}

function detailsOf(begun: object): object {
  const details: unknown = Reflect.get(begun, "details");
  return isRecord(details) ? details : {};
}

function isMeant(entry: AuditEntry, { by, action, subject }: AuditSearch): boolean {
  return (
    (by === undefined || entry.by === by) &&
    (action === undefined || entry.action === action) &&
    (subject === undefined || entry.subject === subject)
  );
}

const OUTCOMES = ["begun", "applied", "refused", "failed"] as const;

/** Null for what this version cannot read. */
function toEntry({ id, at, text }: DocumentRecord): AuditEntry | null {
  try {
    const found: unknown = JSON.parse(text);
    if (!isRecord(found) || typeof found.action !== "string") return null;
    const outcome = OUTCOMES.find((known) => known === found.outcome) ?? "begun";
    const by = typeof found.by === "string" ? found.by : null;
    const subject = typeof found.subject === "string" ? found.subject : "";
    // Written by this file, as JSON.
    const details = isRecord(found.details) ? (found.details as AuditEntry["details"]) : {};
    return { id, at, by, action: found.action, subject, outcome, details };
  } catch {
    return null;
  }
}
