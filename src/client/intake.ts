import { GroupWriter } from "../base/group-writer.ts";
import type { Logger } from "../base/logger.ts";
import { type Creation, createFiltered } from "../filters/create-filtered.ts";
import { type FilterChain, FilterChains } from "../filters/filter-chain.ts";
import type { CapturedCall } from "../job/job-call.ts";
import type { JobFilter } from "../job/job-filter.ts";
import type { JobSet } from "../job/job-set.ts";
import { jobPlaceholders } from "../job/placeholder.ts";
import type { ResolvedJobOptions } from "../job/resolve-options.ts";
import {
  type InsertOutcome,
  type JobRecord,
  type NewJob,
  requireTransaction,
  type Storage,
  StorageRefusedError,
} from "../storage/index.ts";
import type { ManyCalls } from "./call.ts";
import { ClientClosedError } from "./calls-under-way.ts";
import { type CapturedItem, captureMany } from "./capture-many.ts";
import type { ClientEventHub } from "./client-events.ts";
import { type EnqueueOptions, overlay, type SharedOptions } from "./enqueue-options.ts";
import type { JobSource } from "./job-source.ts";
import { overlapped } from "./overlapped.ts";
import { refuseMissingParents } from "./parents.ts";
import { checkSchema, prepare, type Waiting } from "./prepare.ts";
import { type ReplayOptions, replayOf } from "./replay.ts";
import { writeTogether } from "./shared-write.ts";

/** No write is larger than this, however large its jobs are: neither a chunk of `enqueueMany` nor a shared write. */
const WRITE_CHARS = 4 * 1_048_576;

export interface IntakeParts<J extends JobSet, Tx> {
  readonly storage: Storage<Tx>;
  readonly source: JobSource<J>;
  readonly filters: readonly JobFilter[];
  readonly maxBytes: number | undefined;
  readonly logger: Logger;
  readonly events: ClientEventHub;
}

/** How captured calls come into the storage: prepared, past their filters, in writes that callers share. */
export class Intake<J extends JobSet, Tx> {
  readonly chains: FilterChains;
  readonly #parts: IntakeParts<J, Tx>;
  readonly #writer: GroupWriter<NewJob, InsertOutcome>;

  constructor(parts: IntakeParts<J, Tx>) {
    const { maxRows, insertsAtOnce = 1, worthAnInsert = maxRows } = parts.storage.manifest;
    this.#parts = parts;
    this.chains = new FilterChains(parts.filters);
    this.#writer = new GroupWriter({
      write: (jobs) => parts.storage.insert(jobs),
      maxItems: maxRows,
      atOnce: insertsAtOnce,
      worthItems: worthAnInsert,
      weigh: ({ args }) => args.length,
      maxWeight: WRITE_CHARS,
      isRefusal: (error) => error instanceof StorageRefusedError,
    });
  }

  /** Stores one call and gives its id. */
  async store(
    call: CapturedCall,
    options: EnqueueOptions<Tx> | undefined,
    waiting?: Waiting,
  ): Promise<string> {
    const { source, maxBytes, storage } = this.#parts;
    const tx = options?.tx;
    if (tx !== undefined) requireTransaction(storage, tx);
    const jobOptions = source.options(call.name);
    const job = prepare(call, jobOptions, options, { maxBytes }, waiting);
    if (jobOptions.args !== undefined) await checkSchema(call, job, jobOptions);
    const chain = this.chains.of(jobOptions);
    if (chain === undefined) {
      // Not by way of `#addOne`: another promise for each call would cost more than all that is told.
      const jobs = [job];
      const outcomes = await (tx === undefined ? this.#writer.add(jobs) : storage.insert(jobs, tx));
      this.#parts.events.stored(jobs, outcomes);
      refuseMissingParents(outcomes);
    } else await this.#create(chain, job, tx);
    return job.id;
  }

  /** Stores the call of a stored job once more and gives the id of the new job. */
  async storeAgain(job: JobRecord, options: ReplayOptions): Promise<string> {
    const jobOptions = this.#parts.source.options(job.name);
    const again = await replayOf(job, options, jobOptions, this.#parts.maxBytes);
    const chain = this.chains.of(jobOptions);
    await (chain === undefined ? this.#addOne(again, undefined) : this.#create(chain, again, undefined));
    return again.id;
  }

  /** Stores many calls in chunks; ids in their order. */
  async storeMany(calls: ManyCalls<J>, options: SharedOptions<Tx>, closing: AbortSignal): Promise<string[]> {
    const { tx } = options;
    if (tx !== undefined) requireTransaction(this.#parts.storage, tx);
    const chunking = {
      prepare: (item: CapturedItem) => this.#prepareItem(item, options),
      weigh: ({ job }: PreparedItem) => job.args.length,
      maxItems: this.#parts.storage.manifest.maxRows,
      maxWeight: WRITE_CHARS,
      closing,
      interrupted: (stored: number) => new ClientClosedError(stored),
    };
    const ids: string[] = [];
    const chunks = captureMany(chunking, calls, this.#parts.source.recorder(), jobPlaceholders);
    const store = (chunk: readonly PreparedItem[]) => {
      for (const { job } of chunk) ids.push(job.id);
      return this.#storeChunk(chunk, tx);
    };
    await overlapped(chunks, store, tx === undefined ? this.#parts.storage.manifest.insertsAtOnce : 1);
    return ids;
  }

  #prepareItem(call: CapturedItem, shared: SharedOptions<Tx>): PreparedItem {
    const { source, maxBytes } = this.#parts;
    const codec = { maxBytes, call: call.index };
    return { call, job: prepare(call, source.options(call.name), overlay(shared, call.options), codec) };
  }

  async #storeChunk(chunk: readonly PreparedItem[], tx: Tx | undefined): Promise<void> {
    const { source } = this.#parts;
    const options = chunk.map(({ call }) => source.options(call.name));
    for (const [at, { call, job }] of chunk.entries()) {
      const own = optionsAt(options, at);
      if (own.args !== undefined) await checkSchema(call, job, own);
    }
    if (options.every((one) => this.chains.of(one) === undefined)) {
      await this.#add(
        chunk.map(({ job }) => job),
        tx,
      );
      return;
    }
    const batch = { size: chunk.length, items: new Map<unknown, unknown>() };
    await writeTogether(
      chunk.map(({ job }) => job),
      (changed) => this.#add(changed, tx),
      (job, at, store) => {
        const chain = this.chains.of(optionsAt(options, at));
        return chain === undefined ? store(job) : this.#create(chain, job, tx, { store, batch });
      },
    );
  }

  #create(
    chain: FilterChain,
    job: NewJob,
    tx: Tx | undefined,
    part: Partial<Creation> = {},
  ): Promise<InsertOutcome> {
    const { logger } = this.#parts;
    return createFiltered(chain, job, {
      store: (changed) => this.#addOne(changed, tx),
      lateError: (filter, error) =>
        logger.error(
          `the filter "${filter}" threw when it was told of job ${job.id} (${job.name}): that changes nothing`,
          error,
        ),
      ...part,
    });
  }

  /** Calls share a write, those of one transaction nothing with others. */
  async #add(jobs: readonly NewJob[], tx: Tx | undefined): Promise<readonly InsertOutcome[]> {
    const { storage } = this.#parts;
    const outcomes = await (tx === undefined ? this.#writer.add(jobs) : storage.insert(jobs, tx));
    this.#parts.events.stored(jobs, outcomes);
    return outcomes;
  }

  async #addOne(job: NewJob, tx: Tx | undefined): Promise<InsertOutcome> {
    const [outcome] = await this.#add([job], tx);
    if (outcome === undefined) throw new TypeError("the storage gave no outcome for a job");
    refuseMissingParents([outcome]);
    return outcome;
  }
}

interface PreparedItem {
  readonly call: CapturedCall;
  readonly job: NewJob;
}

function optionsAt(options: readonly ResolvedJobOptions[], at: number): ResolvedJobOptions {
  const found = options[at];
  if (found === undefined) throw new TypeError(`there are no options of call ${at}`);
  return found;
}
