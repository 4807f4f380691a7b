/** A process that works on operations, slowly enough to be killed in the middle. Argument: the file of the jobs. */
import { SqliteStorage } from "firelater/sqlite";
import { Operator } from "../../../src/operations/operator.ts";

const storage = new SqliteStorage(process.argv[2] ?? "", { synchronous: "normal" });

const commit = storage.commit.bind(storage);
storage.commit = async (changes) => {
  const outcomes = await commit(changes);
  process.send?.("committed");
  return outcomes;
};

const operator = new Operator(
  {
    storage,
    pollingMs: 10,
    incarnation: () => `process ${process.pid}`,
    chainOf: () => undefined,
    warn: console.error,
    failed: (doing) => (error) => console.error(doing, error),
  },
  { idleMs: 10, leaseMs: 1_000, longMs: 1_000 },
);
operator.start();
