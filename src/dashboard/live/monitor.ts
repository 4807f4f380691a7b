import type { OperationRecords } from "../../operations/operation-records.ts";
import type { RecurringJobDetails } from "../../recurring/recurring-details.ts";
import type { Storage } from "../../storage/index.ts";
import type { Attention, Snapshot } from "../api/overview.ts";
import { type AttentionTargets, attentionOf, type Situation } from "./attention.ts";
import { LastMinute } from "./last-minute.ts";
import { parkedNames } from "./parked-names.ts";
import { QueueRates } from "./queue-rates.ts";
import { Shared } from "./shared.ts";

/** How often the storage is asked for what all viewers share, however many they are. */
const SNAPSHOT_MS = 1_000;
/** For what changes rarely and costs more. */
const SLOW_MS = 10_000;
const MOST_RECURRING = 1_000;
const RECENT_OPERATIONS = 20;

export interface MonitorParts {
  readonly storage: Storage;
  readonly operations: OperationRecords;
  readonly listRecurring: (limit: number) => Promise<readonly RecurringJobDetails[]>;
  readonly targets: AttentionTargets;
}

/** One look at the whole. */
export interface Look {
  readonly situation: Situation;
  readonly snapshot: Snapshot;
  readonly attention: readonly Attention[];
}

/** Looks at the storage for all viewers together, and only while somebody looks. */
export class Monitor {
  readonly rates: QueueRates = new QueueRates();
  readonly #parts: MonitorParts;
  readonly #minute = new LastMinute();
  readonly #looks: Shared<Look>;
  readonly #recurring: Shared<readonly RecurringJobDetails[]>;
  readonly #parked: Shared<Situation["parked"]>;

  constructor(parts: MonitorParts) {
    const { storage } = parts;
    this.#parts = parts;
    // A little less than a second: a timer of a second must not find what the one before it found.
    this.#looks = new Shared(SNAPSHOT_MS - 50, () => this.#look());
    this.#recurring = new Shared(SLOW_MS, () => parts.listRecurring(MOST_RECURRING));
    this.#parked = new Shared(SLOW_MS, async () =>
      parkedNames(storage, await storage.counts(), await storage.admin.queues()),
    );
  }

  look(): Promise<Look> {
    return this.#looks.get();
  }

  recurring(): Promise<readonly RecurringJobDetails[]> {
    return this.#recurring.get();
  }

  async #look(): Promise<Look> {
    const { storage, operations, targets } = this.#parts;
    const began = performance.now();
    const [now, counts, queues, servers, unfinished, ended] = await Promise.all([
      storage.now(),
      storage.counts(),
      storage.admin.queues(),
      storage.servers(),
      operations.unfinished(),
      operations.ended(RECENT_OPERATIONS),
    ]);
    const appNow = Date.now();
    const tookMs = Math.round(performance.now() - began);
    this.rates.see(queues, now);
    const minute = await this.#minute.look(storage, now, counts);
    const [recurring, parked] = await Promise.all([this.#recurring.get(), this.#parked.get()]);
    const all = [...unfinished, ...ended];
    const situation = { now, appNow, tookMs, counts, queues, servers, recurring, parked, operations: all };
    const attention = attentionOf(situation, targets);
    return { situation, attention, snapshot: toSnapshot(situation, attention, minute, unfinished.length) };
  }
}

function toSnapshot(
  { now, counts, queues, servers, tookMs }: Situation,
  attention: readonly Attention[],
  minute: Snapshot["minute"],
  operations: number,
): Snapshot {
  const live = servers.filter((server) => server.live);
  const count = (severity: Attention["severity"]) =>
    attention.filter((one) => one.severity === severity).length;
  return {
    at: now,
    counts,
    ready: queues.reduce((sum, { ready }) => sum + ready, 0),
    liveServers: live.length,
    slots: live.reduce((sum, { workerCount }) => sum + workerCount, 0),
    busy: counts.Processing,
    minute,
    attention: { error: count("error"), warning: count("warning"), info: count("info") },
    operations,
    tookMs,
  };
}
