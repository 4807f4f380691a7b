import type { Entry } from "./contender.ts";

export type What = "drain" | "serial" | "50-way" | "bulk" | "idle" | "steady";

export interface Load {
  readonly what: What;
  readonly jobs: number;
  /** Jobs before those that count. */
  readonly warmUp: number;
  readonly slots: number;
}

export type PeerSample = Entry & Load;
