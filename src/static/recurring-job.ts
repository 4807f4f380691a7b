import { configurationVersion, RecurringJobManager } from "../compose.ts";

/** The methods of `RecurringJobManager`, on the storage and jobs that `configure` was given. */
export type StaticRecurringJob = Pick<
  RecurringJobManager,
  "addOrUpdate" | "removeIfExists" | "trigger" | "pause" | "resume" | "get" | "list" | "sync"
>;

let made: { readonly manager: RecurringJobManager; readonly version: number } | undefined;

/** One manager for one configuration, made at its first use. */
function manager(): RecurringJobManager {
  const version = configurationVersion();
  if (made?.version !== version) made = { manager: new RecurringJobManager(), version };
  return made.manager;
}

/**
 * Recurring jobs with what `configure` was given, without a manager of one's own. Typed by `Register`.
 *
 * @example
 * ```ts
 * import { RecurringJob } from "firelater";
 *
 * export async function pauseAll(): Promise<void> {
 *   for (const { id } of await RecurringJob.list()) await RecurringJob.pause(id);
 * }
 * ```
 */
export const RecurringJob: StaticRecurringJob = {
  addOrUpdate: (...args) => manager().addOrUpdate(...args),
  removeIfExists: (...args) => manager().removeIfExists(...args),
  trigger: (...args) => manager().trigger(...args),
  pause: (...args) => manager().pause(...args),
  resume: (...args) => manager().resume(...args),
  get: (...args) => manager().get(...args),
  list: (...args) => manager().list(...args),
  sync: (...args) => manager().sync(...args),
};
