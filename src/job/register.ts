import type { JobSet } from "./job-set.ts";

/**
 * Tells the application's job set to the static face and to producers that know only types.
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
