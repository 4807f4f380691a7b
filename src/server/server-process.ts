import type { FilterChain } from "../filters/filter-chain.ts";
import type { Signal, Storage } from "../storage/index.ts";

/** A loop that a server runs beside its own, such as the scheduler of recurring jobs. */
export interface ServerProcess {
  start(): void;
  /** Lets what is under way finish, then ends. */
  stop(): Promise<void>;
  /** Hears the storage's wake-ups. */
  hear(signal: Signal): void;
}

/** What such a loop is made with. */
export interface ProcessParts {
  readonly storage: Storage;
  readonly pollingMs: number;
  /** The incarnation that the server has now: another one after a lease that was lost. */
  readonly incarnation: () => string;
  /** The filters of a job by its name: none for jobs in threads, which have theirs there. */
  readonly chainOf: (name: string) => FilterChain | undefined;
  readonly warn: (message: string, error: unknown) => void;
  /** Reports that a round of the loop has failed and is tried again. */
  readonly failed: (doing: string) => (error: unknown, failures: number) => void;
}

export type CreateProcess = (parts: ProcessParts) => ServerProcess;
