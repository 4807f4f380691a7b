/**
 * A wake-up, raised after the commit of what it tells of, and only a hint: every loop also polls, so a lost signal
 * costs time, never a job.
 *
 * - `ready`: jobs of these queues became ready.
 * - `due`: a job was scheduled for this instant (store's clock).
 * - `recurring`: a recurring job is to be looked at at this instant (store's clock).
 * - `finished`: jobs reached Succeeded, Failed or Deleted.
 * - `parked`: a job waits for a server that knows its name.
 * - `released`: a gate or a key left more waiters than one write may ready.
 * - `changed`: another process has written; what, is not known.
 */
export type Signal =
  | { readonly kind: "ready"; readonly queues: readonly string[] }
  | { readonly kind: "due" | "recurring"; readonly at: number }
  | { readonly kind: "finished" | "parked" | "released" | "changed" };

export type SignalListener = (signal: Signal) => void;
