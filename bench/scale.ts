/** What a large backlog and a large history cost the verbs that every job takes; and a snapshot that stays open. */
import { randomBytes } from "node:crypto";
import { newId } from "../src/base/ids.ts";
import type { ClaimedJob, NewJob, Storage } from "../src/storage/index.ts";
import { announcement, changeOf, newJobs, PROCESSING } from "../src/testing/contract/builders.ts";
import type { Benchmark, Figures, Group, Params } from "./harness/benchmark.ts";
import type { LargePlace, LargeStores } from "./harness/large-stores.ts";
import { inOwnProcess } from "./harness/own-process.ts";
import { storageKind } from "./harness/storages.ts";
import type { Amounts } from "./seed/amounts.ts";

const NOTHING: Amounts = { ready: 0, finished: 0, scheduled: 0, failed: 0 };
/** Of each verb and sample. */
const JOBS = 20_000;
const BATCH = 100;
const STORED_AT_ONCE = 500;
/** As many as the backlog of the bar: claimed and ended, all of them. */
const CLAIMED_UNDER_SNAPSHOT = 1_000_000;
const CLAIMED_AT_ONCE = 500;
/** The first and the last of them that are compared. */
const EDGE_PART = 0.05;

/** What every job goes through; a delayed one is promoted as well. */
const LIFE = ["enqueue", "claim", "commit"] as const;
const WHOLE = "enqueue, claim and commit";

interface VerbsSample {
  readonly kind: "verbs";
  readonly storage: string;
  readonly place: string;
  readonly jobs: number;
  readonly vacuum: boolean;
}

interface SnapshotSample {
  readonly kind: "snapshot";
  readonly storage: string;
  readonly place: string;
  readonly jobs: number;
}

const made: { readonly stores: LargeStores; readonly place: string }[] = [];

export const scale: Benchmark = {
  name: "scale",
  about: "CPU of enqueue, promotion, claim and commit beside a large backlog and history, and beside none",
  groups(params) {
    const { large } = storageKind(params.storage);
    return large === undefined ? [] : [verbsGroup(params, large), ...snapshotGroups(params, large)];
  },
  async finish() {
    for (const { stores, place } of made.splice(0)) await stores.remove(place);
  },
};

export async function sample(params: VerbsSample | SnapshotSample): Promise<Figures> {
  const { large } = storageKind(params.storage);
  if (large === undefined) throw new Error(`${params.storage} has no large stores`);
  await using place = await large.open(params.place);
  return await (params.kind === "verbs" ? verbs(place, params) : underSnapshot(place, params.jobs));
}

/** All of it twice: what comes first warms up, and finds the tables in memory. */
async function verbs(place: LargePlace, { jobs, vacuum }: VerbsSample): Promise<Figures> {
  if (vacuum) await place.vacuum?.();
  const { storage } = place;
  const incarnation = await announced(storage);
  await round(place, incarnation, Math.ceil(jobs / 5));
  return await round(place, incarnation, jobs);
}

async function round({ storage, cpu }: LargePlace, incarnation: string, jobs: number): Promise<Figures> {
  const figures: Record<string, number> = {};
  const measure = async (verb: string, work: () => Promise<void>) => {
    const [before, from] = [await cpu(), performance.now()];
    await work();
    figures[`${verb} CPU µs/job`] = (await cpu()) - before;
    figures[`${verb} ms`] = performance.now() - from;
  };
  const perJob = (verb: string, count: number) => {
    figures[`${verb} CPU µs/job`] = (figures[`${verb} CPU µs/job`] ?? 0) / count;
  };
  const claims: ClaimedJob[][] = [];
  await measure("enqueue", () => store(storage, jobs, {}));
  await store(storage, jobs, { due: { at: 1 } });
  await measure("promote", async () => {
    for (let left = jobs; left > 0; left -= (await storage.promote(BATCH)).promoted);
  });
  const request = { incarnation, entry: PROCESSING, queues: ["default"], slots: BATCH, buffer: 0 };
  await measure("claim", async () => {
    for (let left = 2 * jobs; left > 0; left -= claims.at(-1)?.length ?? left) {
      claims.push(await storage.claim({ ...request, slots: Math.min(left, BATCH) }));
    }
  });
  await measure("commit", async () => {
    for (const claimed of claims) await settle(storage, claimed);
  });
  for (const verb of ["enqueue", "promote"]) perJob(verb, jobs);
  for (const verb of ["claim", "commit"]) perJob(verb, 2 * jobs);
  const ofEach = LIFE.map((verb) => figures[`${verb} CPU µs/job`] ?? 0);
  return { ...figures, [`${WHOLE} CPU µs/job`]: ofEach.reduce((sum, one) => sum + one, 0) };
}

/** Promotes, claims and ends jobs while another connection has a snapshot open: nothing that ended can be cleared away. */
async function underSnapshot({ storage, holdSnapshot }: LargePlace, jobs: number): Promise<Figures> {
  if (holdSnapshot === undefined) throw new Error("this storage has no snapshots to hold");
  const promoted = Math.ceil(jobs / 5);
  await store(storage, promoted, { due: { at: 1 } });
  await store(storage, jobs - promoted, {});
  const incarnation = await announced(storage);
  await using _snapshot = await holdSnapshot();
  const request = { incarnation, entry: PROCESSING, queues: ["default"], slots: CLAIMED_AT_ONCE, buffer: 0 };
  const promotions = await timed(promoted, async () => (await storage.promote(CLAIMED_AT_ONCE)).promoted);
  let claimed: ClaimedJob[] = [];
  const claims = await timed(
    jobs,
    async () => {
      claimed = await storage.claim(request);
      return claimed.length;
    },
    () => settle(storage, claimed),
  );
  return { ...edges("promotions", promotions), ...edges("claims", claims) };
}

/** Milliseconds a job of each bite, until so many are done; what comes after a bite is not measured. */
async function timed(count: number, bite: () => Promise<number>, after?: () => Promise<void>) {
  const times: number[] = [];
  for (let left = count; left > 0; ) {
    const from = performance.now();
    const done = await bite();
    times.push((performance.now() - from) / done);
    left -= done;
    await after?.();
  }
  return times;
}

function edges(what: string, times: readonly number[]): Figures {
  const edge = Math.max(Math.floor(times.length * EDGE_PART), 1);
  const [first, last] = [mean(times.slice(0, edge)), mean(times.slice(-edge))];
  return {
    [`first ${what} µs/job`]: first * 1_000,
    [`last ${what} µs/job`]: last * 1_000,
    [`${what}, last ÷ first`]: last / first,
  };
}

async function announced(storage: Storage): Promise<string> {
  const server = announcement({ incarnation: `bench:${randomBytes(6).toString("hex")}` });
  await storage.announce(server);
  return server.incarnation;
}

async function store(storage: Storage, count: number, over: Partial<NewJob>): Promise<void> {
  for (let left = count; left > 0; left -= STORED_AT_ONCE) {
    const jobs = newJobs(Math.min(left, STORED_AT_ONCE), { name: "noop", args: "[]", ...over });
    await storage.insert(jobs.map((job) => ({ ...job, id: newId() })));
  }
}

async function settle(storage: Storage, claimed: readonly ClaimedJob[]): Promise<void> {
  const outcomes = await storage.commit(claimed.map((job) => changeOf(job, "Succeeded")));
  if (outcomes.some((outcome) => outcome !== "applied")) throw new Error("a claim was not its owner's");
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function verbsGroup({ storage, jobs = JOBS }: Params, stores: LargeStores): Group {
  let seeded: Promise<string> | undefined;
  const empty = () => makePlace(stores, NOTHING);
  const large = () => (seeded ??= makePlace(stores, stores.amounts));
  const contender = (name: string, place: () => Promise<string>, vacuum = false) => ({
    name,
    take: async () => {
      const params: VerbsSample = { kind: "verbs", storage, place: await place(), jobs, vacuum };
      return inOwnProcess<Figures>(import.meta.url, params);
    },
  });
  const vacuumed = stores.hasVacuum ? [contender("large, vacuumed", large, true)] : [];
  return {
    name: `verbs on ${storage}`,
    contenders: [contender("empty", empty), contender("large", large), ...vacuumed],
    ratios: ["large", ...vacuumed.map(({ name }) => name)].flatMap((of) =>
      [...LIFE, "promote", WHOLE].map((verb) => ({
        label: `${verb}, ${of} ÷ empty`,
        figure: `${verb} CPU µs/job`,
        of,
        over: "empty",
        atMost: 1.15,
      })),
    ),
  };
}

function snapshotGroups({ storage, jobs }: Params, stores: LargeStores): Group[] {
  if (!stores.hasSnapshots) return [];
  const name = "an idle snapshot held";
  const take = async () => {
    const place = await makePlace(stores, NOTHING);
    const params: SnapshotSample = { kind: "snapshot", storage, place, jobs: jobs ?? CLAIMED_UNDER_SNAPSHOT };
    return inOwnProcess<Figures>(import.meta.url, params);
  };
  return [
    {
      name: `snapshot on ${storage}`,
      contenders: [{ name, take }],
      bars: ["claims", "promotions"].map((what) => ({
        figure: `${what}, last ÷ first`,
        of: name,
        atMost: 1.5,
      })),
    },
  ];
}

async function makePlace(stores: LargeStores, amounts: Amounts): Promise<string> {
  const place = await stores.make(amounts);
  made.push({ stores, place });
  return place;
}
