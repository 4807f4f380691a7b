/** What a run says about itself, beside the job row: guarded by its claim, bounded by the store. */
export type Appendix = {
  readonly id: string;
  readonly fence: number;
  /** The run it belongs to: failures + 1. */
  readonly attempt: number;
} & (
  | { readonly kind: "log"; readonly text: string; readonly data: string | null }
  | { readonly kind: "progress"; readonly value: number; readonly text: string | null }
);

/** Lines kept for one job: the newest. A log that grows for ever must not fill the disk. */
export const LOG_LINES = 1_000;

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
