import type { Loop } from "../base/loop.ts";
import type { JobRecord, RecoveredJob, Retention, Signal } from "../storage/index.ts";
import type { ProcessIdentity } from "./lease/process-identity.ts";
import { VitalsMeter } from "./lifetime/vitals.ts";
import type { JobRun } from "./perform/job-context.ts";
import { createExpirer } from "./processes/expirer.ts";
import { createPromoter } from "./processes/promoter.ts";
import { createRecoverer } from "./processes/recoverer.ts";
import { createReleaser } from "./processes/releaser.ts";
import { createReporter, type ObeyingServer } from "./processes/reporter.ts";
import type { CreateProcess, ProcessParts, ServerProcess } from "./server-process.ts";

type Repeating = Pick<Loop, "start" | "stop">;

/** What runs in a server, and whether it fetches. */
interface Running {
  readonly runs: ReadonlySet<JobRun>;
  readonly slots: () => number;
  readonly isQuiet: () => boolean;
}

export interface BackgroundParts extends ProcessParts {
  readonly checkMs: number;
  readonly retention: readonly Retention[];
  readonly heartbeatMs: number;
  readonly server: ObeyingServer;
  readonly running: Running;
  readonly here: ProcessIdentity;
  readonly recovered: (jobs: readonly RecoveredJob[], rows: ReadonlyMap<string, JobRecord>) => void;
  /** What the layers above add. */
  readonly added: readonly CreateProcess[];
}

/** What every server does for the storage beside running jobs: readying, recovering, cleaning, and what is added. */
export class BackgroundProcesses {
  /** All of it, to be started and stopped. */
  readonly loops: readonly Repeating[];
  readonly #promoter: Loop;
  readonly #releaser: Loop;
  readonly #meter = new VitalsMeter();
  readonly #added: readonly ServerProcess[];

  constructor(parts: BackgroundParts) {
    const { storage, pollingMs, checkMs, retention, here, incarnation, recovered, failed } = parts;
    this.#promoter = createPromoter({ storage, pollingMs, failed: failed("readying scheduled jobs") });
    this.#releaser = createReleaser({ storage, pollingMs, failed: failed("readying continuations") });
    this.#added = parts.added.map((create) => create(parts));
    this.loops = [
      this.#promoter,
      this.#releaser,
      createRecoverer({
        ...{ storage, checkMs, here, incarnation, recovered },
        failed: failed("recovering jobs of lost servers"),
      }),
      createExpirer({ storage, retention, failed: failed("expiring jobs") }),
      this.#createReporter(parts),
      ...this.#added,
    ];
  }

  #createReporter({
    storage,
    heartbeatMs,
    incarnation,
    server,
    running,
    warn,
    failed,
  }: BackgroundParts): Repeating {
    const { runs, slots, isQuiet } = running;
    const vitals = () => this.#meter.take({ runs, slots: slots(), quiet: isQuiet() });
    const loop = createReporter({
      ...{ storage, heartbeatMs, incarnation, vitals, server, warn },
      failed: failed("reporting to the storage"),
    });
    return {
      start: () => {
        this.#meter.start();
        loop.start();
      },
      stop: () => {
        this.#meter.stop();
        return loop.stop();
      },
    };
  }

  start(): void {
    for (const loop of this.loops) loop.start();
  }

  hear(signal: Signal): void {
    if (signal.kind === "due" || signal.kind === "changed") this.#promoter.wake();
    else if (signal.kind === "released") this.#releaser.wake();
    for (const process of this.#added) process.hear(signal);
  }
}
