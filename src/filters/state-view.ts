import { decodeValue } from "../job/codec.ts";
import type { StateView } from "../job/job-filter.ts";
import type { StateCandidate } from "../states/index.ts";
import type { JobState } from "../storage/index.ts";

/** A state as filters see it, read from its entry when they look. */
export class EntryView implements StateView {
  readonly state: JobState;
  readonly #entry: string;
  #read: { readonly reason: string | null; readonly data: Readonly<Record<string, unknown>> } | undefined;

  constructor({ state, entry }: Pick<StateCandidate, "entry"> & { readonly state: JobState }) {
    this.state = state;
    this.#entry = entry;
  }

  get reason(): string | null {
    return this.#parsed().reason;
  }

  get data(): Readonly<Record<string, unknown>> {
    return this.#parsed().data;
  }

  #parsed() {
    if (this.#read === undefined) {
      const { state: _, reason, ...data }: Entry = JSON.parse(`{${this.#entry}}`);
      if (data.result !== undefined) data.result = decodeValue(JSON.stringify(data.result));
      this.#read = { reason: reason ?? null, data };
    }
    return this.#read;
  }
}

interface Entry {
  readonly state: JobState;
  readonly reason?: string;
  result?: unknown;
  readonly [member: string]: unknown;
}
