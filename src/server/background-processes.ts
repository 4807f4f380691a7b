import type { Loop } from "../base/loop.ts";
import type { JobRecord, RecoveredJob, Retention, Signal } from "../storage/index.ts";
import type { ProcessIdentity } from "./lease/process-identity.ts";
import { createExpirer } from "./processes/expirer.ts";
import { createPromoter } from "./processes/promoter.ts";
import { createRecoverer } from "./processes/recoverer.ts";
import { createReleaser } from "./processes/releaser.ts";
import type { CreateProcess, ProcessParts, ServerProcess } from "./server-process.ts";

export interface BackgroundParts extends ProcessParts {
  readonly checkMs: number;
  readonly retention: readonly Retention[];
  readonly here: ProcessIdentity;
  readonly recovered: (jobs: readonly RecoveredJob[], rows: ReadonlyMap<string, JobRecord>) => void;
  /** What the layers above add. */
  readonly added: readonly CreateProcess[];
}

/** What every server does for the storage beside running jobs: readying, recovering, cleaning, and what is added. */
export class BackgroundProcesses {
  /** All of it, to be started and stopped. */
  readonly loops: readonly Pick<Loop, "start" | "stop">[];
  readonly #promoter: Loop;
  readonly #releaser: Loop;
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
      ...this.#added,
    ];
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
