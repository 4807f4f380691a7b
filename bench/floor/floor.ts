/**
 * The contract's statements without a framework: what a good hand-written loop over the engine's own client reaches
 * with the same tables, the same durability and the whole history. One file for each engine.
 */
export interface Floor {
  /** Stores `count` ready jobs, `batch` to a transaction. */
  insert(count: number, batch: number): void | Promise<void>;
  /**
   * Takes up to `limit` ready jobs through their life, `batch` at a time: a transaction claims them, another settles
   * each under its fence with its history. How many there were.
   */
  drain(limit: number, batch: number): number | Promise<number>;
  close(): void | Promise<void>;
}

export type OpenFloor = (folder: string) => Floor | Promise<Floor>;
