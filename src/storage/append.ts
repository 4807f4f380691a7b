/** What a run says about itself, beside the job row: guarded by its claim, bounded by the store. */
export type Appendix = {
  readonly id: string;
  readonly fence: number;
  /** The run it belongs to: failures + 1. */
  readonly attempt: number;
} & (
  | { readonly kind: "log"; readonly text: string; readonly data: string | null }
  | { readonly kind: "progress"; readonly value: number; readonly text: string | null }
  /** The job's parameters from now on, all of them: JSON text of an object, in the row itself. */
  | { readonly kind: "parameters"; readonly text: string }
);

/** Lines kept for one job: the newest. A log that grows for ever must not fill the disk. */
export const LOG_LINES = 1_000;
/** And no more characters than these, text and data together: the newest lines that fit, the very newest always. */
export const LOG_CHARS = 1_000_000;

export interface LogLine {
  readonly at: number;
  readonly attempt: number;
  readonly text: string;
  /** JSON text of the data that came with it. */
  readonly data: string | null;
}

export interface Progress {
  readonly at: number;
  readonly attempt: number;
  readonly value: number;
  readonly text: string | null;
}

export interface Appendices {
  readonly logs: readonly LogLine[];
  readonly progress: Progress | null;
}
