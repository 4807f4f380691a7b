import { setTimeout as delay } from "node:timers/promises";
import { type Backoff, backoffDelay } from "../base/backoff.ts";
import { FirelaterError } from "../base/error.ts";
import type { RecurringRecord, RecurringSave, Storage } from "../storage/index.ts";
import { saveAndTell } from "./save-and-tell.ts";

/** Others changed the same recurring job faster than this call could follow (`FL_RECURRING_BUSY`). Try again. */
export class RecurringBusyError extends FirelaterError {}

/** What a record, or that there is none, leads to; undefined: nothing is to be written. */
export type Decide = (id: string, record: RecurringRecord | undefined) => RecurringSave | undefined;

/** How often a change that lost a race is decided anew. */
const TRIES = 20;
/** Jittered and growing: many callers that change the same one come through one after another. */
const BACKOFF: Backoff = { firstMs: 1, longestMs: 500 };
const PAGE = 100;

/** The recurring jobs of a storage, to be read in order and changed whoever else changes them. */
export class RecurringRecords {
  readonly #storage: Storage;
  /** Of one read or write. */
  readonly #bite: number;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#bite = Math.min(PAGE, storage.manifest.maxRows);
  }

  async find(id: string): Promise<RecurringRecord | undefined> {
    return (await this.#storage.getRecurring([id]))[0];
  }

  /** Those after an id, in order, as many as are asked for. */
  async *inOrder(from?: string): AsyncGenerator<RecurringRecord, undefined> {
    for (let after = from; ; ) {
      const cursor = after === undefined ? {} : { after };
      const page = await this.#storage.listRecurring({ limit: this.#bite, ...cursor });
      yield* page;
      after = page.at(-1)?.id;
      if (page.length < this.#bite) return;
    }
  }

  /** Changes each of these. What others changed in between is decided anew: the last decision is the one that holds. */
  async change(ids: readonly string[], decide: Decide): Promise<void> {
    for (let from = 0; from < ids.length; from += this.#bite) {
      await this.#changeBite(ids.slice(from, from + this.#bite), decide);
    }
  }

  async #changeBite(ids: readonly string[], decide: Decide): Promise<void> {
    let left = ids;
    for (let tries = 1; tries <= TRIES; tries++) {
      left = await this.#tryToChange(left, decide);
      if (left.length === 0) return;
      await delay(backoffDelay(BACKOFF, tries));
    }
    throw busy(left[0] ?? "");
  }

  /** The ids of those that others changed meanwhile. */
  async #tryToChange(ids: readonly string[], decide: Decide): Promise<string[]> {
    const records = new Map((await this.#storage.getRecurring(ids)).map((record) => [record.id, record]));
    const saves = ids.flatMap((id) => decide(id, records.get(id)) ?? []);
    if (saves.length === 0) return [];
    const outcomes = await saveAndTell(this.#storage, saves);
    return saves.filter((_, nth) => outcomes[nth] !== "applied").map(({ id }) => id);
  }
}

function busy(id: string): RecurringBusyError {
  return new RecurringBusyError({
    code: "FL_RECURRING_BUSY",
    what: `The recurring job ${JSON.stringify(id)} was changed by others ${TRIES} times meanwhile; it was left as it is.`,
    mend: "Try again.",
  });
}
