import type { Entry } from "./contender.ts";
import type { What } from "./load.ts";

/**
 * How many jobs a contender gets: 200,000, or fewer where those would take much longer than ten seconds. Where none is
 * given it has nothing of its own to show, or cannot do it at all.
 */
export type Loads = Readonly<Partial<Record<What, number>>>;

export interface Compared {
  readonly name: string;
  readonly module: string;
  readonly variant: string;
  readonly jobs: Loads;
}

/** What the first contender must reach beside another: its speed at least so many times, its times at most. */
export interface Bar {
  readonly over: string;
  readonly what: readonly What[];
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Engine {
  readonly engine: Entry["engine"];
  readonly durability?: string;
  /** The first is measured against each of the others. */
  readonly contenders: readonly Compared[];
  readonly bars: readonly Bar[];
}

const FIRELATER = "../harness/firelater.ts";
const PICK_UP = { idle: 500, steady: 3_000 };

const POSTGRES: Engine = {
  engine: "postgres",
  contenders: [
    {
      name: "firelater",
      module: FIRELATER,
      variant: "postgres",
      jobs: { drain: 200_000, serial: 5_000, "50-way": 100_000, bulk: 200_000, ...PICK_UP },
    },
    {
      name: "graphile-worker tuned",
      module: "./graphile-worker.ts",
      variant: "500",
      jobs: { drain: 200_000, ...PICK_UP },
    },
    {
      // Ten times what its own performance test sets: with a backlog, fetching seldom is what makes it fast.
      name: "graphile-worker, local queue of 5,000",
      module: "./graphile-worker.ts",
      variant: "5000",
      jobs: { drain: 200_000 },
    },
    {
      name: "graphile-worker default",
      module: "./graphile-worker.ts",
      variant: "default",
      jobs: { drain: 25_000, serial: 5_000, "50-way": 15_000, bulk: 200_000, ...PICK_UP },
    },
    {
      name: "pg-boss best",
      module: "./pg-boss.ts",
      variant: "best",
      jobs: { drain: 80_000, ...PICK_UP },
    },
    {
      name: "pg-boss default",
      module: "./pg-boss.ts",
      variant: "default",
      // 20 workers do ten jobs a second by design; 300 a second is more than it does.
      jobs: { drain: 80, serial: 5_000, "50-way": 15_000, bulk: 200_000, idle: 8 },
    },
    {
      name: "BullMQ",
      module: "./bullmq.ts",
      variant: "postgres",
      jobs: { drain: 20_000, serial: 5_000, "50-way": 15_000, bulk: 200_000, ...PICK_UP },
    },
  ],
  bars: [
    { over: "graphile-worker tuned", what: ["drain"], atLeast: 2.5 },
    { over: "graphile-worker default", what: ["drain"], atLeast: 10 },
    { over: "BullMQ", what: ["drain"], atLeast: 10 },
    { over: "pg-boss best", what: ["drain"], atLeast: 3 },
    { over: "graphile-worker default", what: ["50-way"], atLeast: 10 },
    { over: "pg-boss default", what: ["50-way"], atLeast: 10 },
    { over: "BullMQ", what: ["50-way"], atLeast: 10 },
    { over: "graphile-worker default", what: ["bulk"], atLeast: 1.2 },
    { over: "graphile-worker default", what: ["idle", "steady"], atMost: 1 },
  ],
};

const ON_REDIS = { drain: 200_000, serial: 10_000, "50-way": 100_000, bulk: 200_000, ...PICK_UP };
const redis = (durability: string): Engine => ({
  engine: "redis",
  durability,
  contenders: [
    { name: "firelater", module: FIRELATER, variant: "redis", jobs: ON_REDIS },
    { name: "BullMQ", module: "./bullmq.ts", variant: "redis", jobs: ON_REDIS },
    { name: "bee-queue keeping nothing", module: "./bee-queue.ts", variant: "", jobs: ON_REDIS },
  ],
  bars: [
    { over: "BullMQ", what: ["drain"], atLeast: 1.5 },
    { over: "BullMQ", what: ["bulk", "50-way"], atLeast: 2 },
    { over: "BullMQ", what: ["idle", "steady"], atMost: 1 },
  ],
});

const ON_SQLITE = { drain: 200_000, serial: 5_000, "50-way": 100_000, bulk: 300_000, ...PICK_UP };
/** plainjob over the driver with which it was the faster one in each of these. */
const SQLITE: Engine = {
  engine: "sqlite",
  contenders: [
    { name: "firelater FULL", module: FIRELATER, variant: "full", jobs: ON_SQLITE },
    { name: "firelater NORMAL", module: FIRELATER, variant: "normal", jobs: ON_SQLITE },
    {
      name: "plainjob NORMAL",
      module: "./plainjob.ts",
      variant: "node:sqlite",
      jobs: { drain: 80_000, serial: 50_000, "50-way": 100_000 },
    },
    {
      name: "plainjob NORMAL, better-sqlite3",
      module: "./plainjob.ts",
      variant: "better-sqlite3",
      jobs: { bulk: 300_000, idle: 8, steady: 3_000 },
    },
    {
      name: "plainjob NORMAL, polling every ms",
      module: "./plainjob.ts",
      variant: "better-sqlite3 1",
      jobs: PICK_UP,
    },
  ],
  bars: [
    { over: "plainjob NORMAL", what: ["drain"], atLeast: 4 },
    { over: "plainjob NORMAL", what: ["50-way"], atLeast: 1.5 },
  ],
};

export const ENGINES: readonly Engine[] = [POSTGRES, redis("everysec"), redis("no AOF"), SQLITE];
