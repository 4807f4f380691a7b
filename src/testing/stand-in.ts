import type { JobClient } from "../client/client.ts";
import type { JobSet } from "../job/job-set.ts";
import { RecurringManager } from "../recurring/manager.ts";

const OF_CLIENTS = [
  "enqueue",
  "delay",
  "schedule",
  "enqueueMany",
  "continueWith",
  "requeue",
  "delete",
  "reschedule",
  "get",
  "result",
  "statistics",
  "on",
] as const satisfies readonly (keyof JobClient<JobSet, never>)[];
const OF_MANAGERS = [
  "addOrUpdate",
  "sync",
  "removeIfExists",
  "trigger",
  "pause",
  "resume",
  "get",
  "list",
] as const satisfies readonly (keyof RecurringManager<JobSet>)[];

/** Lets one object answer for another of its kind. What it gives ends that. */
export function standIn(object: object, answering: object): () => void {
  const methods = object instanceof RecurringManager ? OF_MANAGERS : OF_CLIENTS;
  for (const method of methods) {
    const answer: unknown = Reflect.get(answering, method);
    if (typeof answer !== "function") throw new TypeError(`there is no ${method} to answer with`);
    // An own property in front of the class's method: deleting it brings that back.
    const value = (...args: unknown[]): unknown => Reflect.apply(answer, answering, args);
    Object.defineProperty(object, method, { value, configurable: true });
  }
  return () => {
    for (const method of methods) Reflect.deleteProperty(object, method);
  };
}
