import { BackgroundJobClient, configurationVersion } from "../compose.ts";

/**
 * The methods of `BackgroundJobClient`, on the storage and jobs that `configure` was given. Listeners of `on` belong to
 * that configuration: after another `configure`, listen again.
 */
export type StaticBackgroundJob = Pick<
  BackgroundJobClient,
  | "enqueue"
  | "delay"
  | "schedule"
  | "enqueueMany"
  | "continueWith"
  | "requeue"
  | "delete"
  | "reschedule"
  | "get"
  | "result"
  | "statistics"
  | "on"
>;

let made: { readonly client: BackgroundJobClient; readonly version: number } | undefined;

/** One client for one configuration, made at its first use. */
function client(): BackgroundJobClient {
  const version = configurationVersion();
  if (made?.version !== version) made = { client: new BackgroundJobClient(), version };
  return made.client;
}

/**
 * Enqueues with what `configure` was given, without a client of one's own. Typed by `Register`.
 *
 * @example
 * ```ts
 * import { BackgroundJob } from "firelater";
 *
 * export async function isDone(id: string): Promise<boolean> {
 *   return (await BackgroundJob.get(id))?.state === "Succeeded";
 * }
 * ```
 */
export const BackgroundJob: StaticBackgroundJob = {
  enqueue: (...args) => client().enqueue(...args),
  delay: (...args) => client().delay(...args),
  schedule: (...args) => client().schedule(...args),
  enqueueMany: (...args) => client().enqueueMany(...args),
  get continueWith() {
    const own = client();
    return own.continueWith.bind(own);
  },
  requeue: (...args) => client().requeue(...args),
  delete: (...args) => client().delete(...args),
  reschedule: (...args) => client().reschedule(...args),
  get: (...args) => client().get(...args),
  get result() {
    const own = client();
    return own.result.bind(own);
  },
  statistics: (...args) => client().statistics(...args),
  on: (...args) => client().on(...args),
};
