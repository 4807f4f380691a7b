import type { Storage } from "../storage/index.ts";
import type { JobSet } from "./job-set.ts";

/**
 * Tells the application's job set, and its storage where it has transactions, to the static face, to producers that
 * know only types, and to `currentJob()`.
 *
 * @example
 * ```ts
 * import { defineJobs } from "firelater";
 *
 * export const jobs = defineJobs({ console });
 * declare module "firelater" {
 *   interface Register {
 *     jobs: typeof jobs;
 *   }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: applications fill it by declaration merging
export interface Register {}

/** The registered job set; without one, a set whose only name tells what to do. */
export type RegisteredJobs = Register extends { readonly jobs: infer J extends JobSet }
  ? J
  : JobSet<{
      'pass { jobs }, or add: declare module "firelater" { interface Register { jobs: typeof jobs } }': never;
    }>;

/** What `{ tx }` takes where no storage is given: what the registered storage takes. Nothing when none is registered. */
export type RegisteredTx = Register extends { readonly storage: Storage<infer Tx> } ? Tx : never;

/** What `currentJob().completeIn` takes: anything while no storage with transactions is registered; the storage checks. */
export type JobTransaction = [RegisteredTx] extends [never] ? unknown : RegisteredTx;
