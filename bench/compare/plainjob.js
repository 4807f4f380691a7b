/**
 * plainjob under the same load: `sample` runs in a process of its own, as ours does. It uses better-sqlite3, the driver
 * that plainjob names for Node; where that cannot be built, plainjob's own `Connection` over node:sqlite.
 *
 * plainjob sets WAL and synchronous=NORMAL itself. One worker, since each is a loop of its own that never waits for a
 * no-op job: more of them on one thread only take turns (measured: slower).
 *
 * @typedef {{ what: "drain" | "bulk" | "50-way" | "latency", jobs: number, warmUp: number, pollMs?: number,
 *   workers?: number, driver?: "better-sqlite3" | "node:sqlite" }} PeerParams
 * @typedef {{ folder: string, meter: import("../harness/meter.ts").Meter }} Place
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { defineQueue, defineWorker, JobStatus } from "plainjob";
import { Meter } from "../harness/meter.ts";
import { latencyFigures, now, SPACING } from "../harness/pick-up.ts";
import { makeScratch } from "../harness/scratch.ts";
import { connect } from "./connect.js";

const TYPE = "noop";
const CALLERS = 50;
const logger = { error: console.error, warn() {}, info() {}, debug() {} };

/** @param {PeerParams} params */
export async function sample(params) {
  using scratch = makeScratch();
  const connection = await connect(join(scratch.folder, "jobs.db"), params.driver);
  const queue = defineQueue({ connection, logger });
  try {
    if (params.what === "drain") return await drain(queue, params);
    if (params.what === "latency") return await pickUp(queue, params);
    return await store(queue, params);
  } finally {
    queue.close();
  }
}

/**
 * @param {import("plainjob").Queue} queue
 * @param {PeerParams} params
 */
async function drain(queue, { jobs, warmUp, workers: count = 1 }) {
  queue.addMany(TYPE, Array(warmUp + jobs).fill([]));
  const meter = new Meter();
  const done = Promise.withResolvers();
  let started = 0;
  let completed = 0;
  const run = async () => {
    if (++started === warmUp + 1) meter.start();
  };
  const onCompleted = () => {
    if (++completed === warmUp + jobs) done.resolve(meter.stop(jobs));
  };
  const workers = Array.from({ length: count }, () =>
    defineWorker(TYPE, run, { queue, logger, onCompleted }),
  );
  for (const worker of workers) worker.start();
  const figures = await done.promise;
  for (const worker of workers) await worker.stop();
  const stored = queue.countJobs({ status: JobStatus.Done });
  if (stored !== warmUp + jobs) throw new Error(`plainjob has ${stored} of ${warmUp + jobs} jobs done`);
  return figures;
}

/**
 * @param {import("plainjob").Queue} queue
 * @param {PeerParams} params
 */
async function store(queue, { what, jobs, warmUp }) {
  const add = what === "bulk" ? addBulk : addConcurrently;
  await add(queue, warmUp);
  const meter = new Meter();
  meter.start();
  await add(queue, jobs);
  return meter.stop(jobs);
}

/**
 * All in one call and one transaction: the fastest that plainjob offers.
 *
 * @param {import("plainjob").Queue} queue
 * @param {number} jobs
 */
function addBulk(queue, jobs) {
  queue.addMany(TYPE, Array(jobs).fill([]));
}

/**
 * @param {import("plainjob").Queue} queue
 * @param {number} jobs
 */
async function addConcurrently(queue, jobs) {
  for (let at = 0; at < jobs; at += CALLERS) {
    await Promise.all(Array.from({ length: CALLERS }, async () => queue.add(TYPE, [])));
  }
}

/**
 * @param {import("plainjob").Queue} queue
 * @param {PeerParams} params
 */
async function pickUp(queue, { jobs, pollMs }) {
  /** @type {number[]} */
  const times = [];
  const run = (/** @type {{ data: string }} */ { data }) => {
    times.push(now() - JSON.parse(data)[0]);
  };
  const polling = pollMs === undefined ? {} : { pollIntervall: pollMs };
  const worker = defineWorker(TYPE, run, { queue, logger, ...polling });
  worker.start();
  for (let i = 0; i < jobs; i++) {
    await delay(SPACING.idleMs);
    queue.add(TYPE, [now()]);
  }
  while (times.length < jobs) await delay(10);
  await worker.stop();
  return latencyFigures(times);
}
