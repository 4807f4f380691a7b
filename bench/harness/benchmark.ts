/** Numbers of one sample by their name; the name says the unit. */
export type Figures = Readonly<Record<string, number>>;

/** One of the things that a group compares. */
export interface Contender {
  readonly name: string;
  /** Takes one sample, in a process of its own. `latest` has the newest sample of every contender so far. */
  readonly take: (latest: ReadonlyMap<string, Figures>) => Promise<Figures>;
}

/** A ratio of two contenders, taken pair by pair, and the bar it is held against. */
export interface Ratio {
  readonly label: string;
  readonly figure: string;
  readonly of: string;
  readonly over: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** An absolute bar for the median of one figure of one contender. */
export interface Bar {
  readonly figure: string;
  readonly of: string;
  readonly atMost: number;
}

/** Contenders that are sampled in turns, so that what else the machine does falls on all of them alike. */
export interface Group {
  readonly name: string;
  readonly contenders: readonly Contender[];
  readonly ratios?: readonly Ratio[];
  readonly bars?: readonly Bar[];
  /** Left out: one round before those that count. False where samples are long and warm themselves up. */
  readonly warmUpRound?: boolean;
}

/** What the command line asked for. */
export interface Params {
  /** A key of `STORAGES`. */
  readonly storage: string;
  /** Left out: every benchmark has its own number. */
  readonly jobs: number | undefined;
  readonly pairs: number;
  /** How long the benchmarks that run for a time measure. */
  readonly seconds: number;
  /** Part of the names of the groups that are run; empty takes all. */
  readonly only: string;
}

export interface Benchmark {
  readonly name: string;
  readonly about: string;
  readonly groups: (params: Params) => readonly Group[];
  /** Takes away what its samples shared. */
  readonly finish?: () => Promise<void>;
}
