import type { StateCandidate } from "./state-candidate.ts";

export interface Success {
  /** Milliseconds that the run took. */
  readonly duration: number;
  /** Milliseconds from the creation of the job, its delay included, to the start of the run. */
  readonly latency: number;
  /** The encoded return value; undefined when the job returned nothing. */
  readonly result?: string | undefined;
  /** Why the return value could not be stored. The work is done: that is no reason to do it again. */
  readonly resultOmitted?: string | undefined;
  /** Why it succeeded, where that is not its run. */
  readonly reason?: string | undefined;
}

/** The text is put together by hand: this is the hot path, and the result is JSON already. */
export function succeeded({ duration, latency, result, resultOmitted, reason }: Success): StateCandidate {
  let entry = '"state":"Succeeded"';
  if (reason !== undefined) entry += `,"reason":${JSON.stringify(reason)}`;
  entry += `,"duration":${duration},"latency":${latency}`;
  if (result !== undefined) entry += `,"result":${result}`;
  if (resultOmitted !== undefined) entry += `,"resultOmitted":${JSON.stringify(resultOmitted)}`;
  return { state: "Succeeded", entry };
}
