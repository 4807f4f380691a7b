import type { Change, CommitOutcome, InsertOutcome, NewJob, Storage } from "../../storage/index.ts";

/** How the suite gets at the storage that is to be proved. The author of a driver writes this and nothing else. */
export interface ContractFixture {
  /** Opens a storage without jobs. Called once for each test; tests may run one after another in one process. */
  open(): Promise<OpenedStorage>;
}

/** A storage without jobs, and the way to a second handle on it. */
export interface OpenedStorage {
  readonly storage: Storage;
  /**
   * A second handle on the same jobs, as another process would have: a second connection where the engine has
   * connections, a second object over the same data where it lives in memory.
   */
  another(): Promise<Storage>;
  /** Begins a transaction of a caller's. Left out where there is none; the sections about it are then to be skipped. */
  begin?(): Promise<BegunTransaction>;
  /** Closes every handle that was given out, those that the test has closed already too, and removes the jobs. */
  dispose(): Promise<void>;
}

/** A transaction that a caller has begun on a connection of its own, and the verbs of the storage within it. */
export interface BegunTransaction {
  insert(jobs: readonly NewJob[]): Promise<InsertOutcome[]>;
  change(changes: readonly Change[]): Promise<CommitOutcome[]>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** The test runner: `describe` and `test` of vitest, of `node:test` or of any other that has their shape. */
export interface ContractRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly test: TestFunction & { readonly skip: TestFunction };
}

type TestFunction = (name: string, body: () => Promise<void>) => unknown;
