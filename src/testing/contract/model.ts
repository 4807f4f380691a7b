import assert from "node:assert/strict";
import {
  type Change,
  type ClaimedJob,
  type ClaimRequest,
  entryTail,
  JOB_STATES,
  type JobRecord,
  type Storage,
} from "../../storage/index.ts";
import { announcement, behind, changeOf, LONG_MS, newJob, PROCESSING } from "./builders.ts";
import { adoptFully, claimFully } from "./claim-fully.ts";
import { essence, JobModel, type ModelJob } from "./job-model.ts";
import { Random } from "./random.ts";
import { type Section, section } from "./section.ts";
import type { Setup } from "./setup.ts";

const STEPS = 150;
const SERVERS = 3;
const QUEUES = ["a", "b"];
const QUARANTINE_AT = 3;

/** Known seeds, so that what has passed passes again, and one that nobody has tried before. */
const SEEDS = [1, 2, 3, 4, Math.floor(Math.random() * 2 ** 31)];

export const model: Section<"model"> = section("model", {
  ...Object.fromEntries(
    SEEDS.map(
      (seed) =>
        [
          `any sequence of verbs leaves what the contract says (seed ${seed})`,
          async (setup) => await new Walk(setup, await setup.another(), seed).run(),
        ] satisfies [string, Section["tests"][number]["run"]],
    ),
  ),
});

/** A random walk through the verbs, over two handles, beside a model that is asked what each must answer. */
class Walk {
  readonly #random: Random;
  readonly #handles: readonly Storage[];
  readonly #model: JobModel = new JobModel();
  readonly #servers: string[] = [];
  readonly #known: JobRecord[] = [];
  readonly #sent: Change[] = [];
  readonly #trail: string[] = [];
  /** Completions that were accepted, by job and fence: at most one each. */
  readonly #accepted: Set<string> = new Set();

  constructor(setup: Setup, other: Storage, seed: number) {
    this.#handles = [setup.storage, other];
    this.#random = new Random(seed);
  }

  async run(): Promise<void> {
    for (let nth = 0; nth < SERVERS; nth++) await this.#announce(nth);
    try {
      for (let step = 0; step < STEPS; step++) {
        await this.#step();
        await this.#compare();
      }
      await this.#compareLists();
    } catch (error) {
      throw new Error(`after ${this.#trail.slice(-12).join(", ")}`, { cause: error });
    }
  }

  get #storage(): Storage {
    return this.#random.pick(this.#handles) ?? assert.fail();
  }

  async #step(): Promise<void> {
    const steps = [
      this.#insert,
      this.#insert,
      this.#claim,
      this.#claim,
      this.#commit,
      this.#commit,
      this.#commit,
      this.#replay,
      this.#giveBack,
      this.#park,
      this.#adopt,
      this.#blame,
      this.#promote,
      this.#recover,
      this.#expire,
    ];
    const step = this.#random.pick(steps) ?? assert.fail();
    await step.call(this);
  }

  #note(step: string): void {
    this.#trail.push(step);
  }

  async #announce(nth: number): Promise<void> {
    const server = announcement();
    this.#servers[nth] = server.incarnation;
    await this.#storage.announce(server);
  }

  async #insert(): Promise<void> {
    const ids = [...this.#model.jobs.keys()];
    const queue = this.#random.pick(QUEUES) ?? "";
    const rank = this.#random.below(3) - 1;
    const kinds = [
      {},
      {},
      { due: { at: 1_000 } },
      { due: { in: LONG_MS } },
      { id: this.#random.pick(ids) ?? "" },
    ];
    const gated = behind(this.#random.pick(ids) ?? "", this.#random.pick(ids) ?? "");
    const kind = ids.length === 0 ? {} : (this.#random.pick([...kinds, gated, gated]) ?? {});
    const job = newJob({ ...kind, queue, rank });
    this.#note(`insert ${JSON.stringify(kind)}`);
    const [answer] = await this.#storage.insert([job]);
    assert.equal(answer?.outcome, this.#model.insert(job));
  }

  async #claim(): Promise<void> {
    const incarnation = this.#random.pick(this.#servers) ?? "";
    const queues = this.#random.below(2) === 0 ? QUEUES : [...QUEUES].reverse();
    const [slots, buffer] = [this.#random.below(3), this.#random.below(3)];
    this.#note(`claim ${slots} + ${buffer}`);
    const request = { incarnation, entry: PROCESSING, queues, slots, buffer };
    const expected = await this.#readyFor(request);
    this.#hold(await claimFully(this.#storage, request), expected, request);
  }

  async #readyFor({ queues, slots, buffer }: ClaimRequest): Promise<string[]> {
    const ready = [];
    for (const queue of queues) ready.push(...(await this.#inOrder(this.#model.readyIn(queue))));
    const forSlots = ready.slice(0, slots);
    const forBuffer = ready.slice(slots).filter((id) => this.#model.jobs.get(id)?.recovered === false);
    return [...forSlots, ...forBuffer.slice(0, buffer)];
  }

  async #inOrder(jobs: readonly ModelJob[]): Promise<string[]> {
    const rows = await this.#storage.get(jobs.map(({ id }) => id));
    return rows.sort((a, b) => a.rank - b.rank || a.seq - b.seq).map(({ id }) => id);
  }

  #hold(
    jobs: readonly ClaimedJob[],
    expected: readonly string[],
    { incarnation, slots }: ClaimRequest,
  ): void {
    assert.deepEqual(
      jobs.map(({ id }) => id),
      expected,
    );
    this.#model.hold(expected, incarnation, slots);
    for (const job of jobs) assert.equal(job.blamed, this.#model.jobs.get(job.id)?.blamed);
    this.#known.push(...jobs);
  }

  async #adopt(): Promise<void> {
    const request = {
      incarnation: this.#random.pick(this.#servers) ?? "",
      entry: PROCESSING,
      queues: QUEUES,
    };
    const parked = [...this.#model.jobs.values()].filter(({ hold }) => hold === "unknown");
    const slots = this.#random.below(3);
    this.#note(`adopt ${slots}`);
    const expected = (await this.#inOrder(parked)).slice(0, slots);
    const jobs = await adoptFully(this.#storage, { ...request, names: ["mail.welcome"], slots });
    this.#hold(jobs, expected, { ...request, slots, buffer: 0 });
  }

  /** A row as somebody has known it: often of now, sometimes of long ago. */
  async #knownJob(): Promise<JobRecord | undefined> {
    if (this.#random.below(4) === 0) return this.#random.pick(this.#known);
    const id = this.#random.pick([...this.#model.jobs.keys()]) ?? "";
    const [row] = id === "" ? [] : await this.#storage.get([id]);
    return row;
  }

  async #commit(): Promise<void> {
    const job = await this.#knownJob();
    if (job === undefined) return;
    const state = this.#random.pick([
      "Succeeded",
      "Succeeded",
      "Failed",
      "Scheduled",
      "Enqueued",
      "Deleted",
    ] as const);
    const due = this.#random.below(2) === 0 ? { at: 2_000 } : { in: LONG_MS };
    const entry = entryTail(state ?? "Failed", `step ${this.#trail.length}`);
    const change = changeOf(job, state ?? "Failed", {
      entry,
      failed: this.#random.below(2) === 0,
      ...(state === "Scheduled" ? { due } : {}),
    });
    this.#sent.push(change);
    await this.#send(change);
  }

  async #replay(): Promise<void> {
    const change = this.#sent.at(-1 - this.#random.below(3));
    if (change !== undefined) await this.#send(change);
  }

  async #send(change: Change): Promise<void> {
    this.#note(`commit ${change.state} at ${change.fence}`);
    const [outcome] = await this.#storage.commit([change]);
    assert.equal(outcome, this.#model.commit(change));
    if (outcome !== "applied") return;
    const key = `${change.id} ${change.fence}`;
    assert(!this.#accepted.has(key), "a second completion of one claim was accepted");
    this.#accepted.add(key);
  }

  async #giveBack(): Promise<void> {
    const job = await this.#knownJob();
    if (job?.state !== "Processing") return;
    this.#note("giveBack");
    assert.deepEqual(await this.#storage.giveBack([job]), [this.#model.letGo(job, null)]);
  }

  async #park(): Promise<void> {
    const job = await this.#knownJob();
    if (job?.state !== "Processing") return;
    this.#note("park");
    assert.deepEqual(await this.#storage.park([job]), [this.#model.letGo(job, "unknown")]);
  }

  async #blame(): Promise<void> {
    const job = await this.#knownJob();
    if (job?.state !== "Processing") return;
    this.#note("blame");
    assert.deepEqual(await this.#storage.blame([job]), [this.#model.blame(job)]);
  }

  async #promote(): Promise<void> {
    const limit = 1 + this.#random.below(3);
    const due = [...this.#model.jobs.values()].filter(({ hold, isDue }) => hold === "due" && isDue);
    this.#note(`promote ${limit}`);
    const { promoted } = await this.#storage.promote(limit);
    assert.equal(promoted, Math.min(limit, due.length));
    for (const { id, state } of await this.#storage.get(due.map(({ id }) => id))) {
      if (state === "Enqueued") this.#model.promote(id);
    }
  }

  async #recover(): Promise<void> {
    const nth = this.#random.below(SERVERS);
    const [lost, judge] = [this.#servers[nth] ?? "", this.#servers[(nth + 1) % SERVERS] ?? ""];
    this.#note("recover");
    const held = this.#model.ownedBy(lost).map(({ id }) => id);
    const request = { incarnation: judge, dead: [lost], limit: 100, quarantineAt: QUARANTINE_AT };
    const { recovered, more } = await this.#storage.recover(request);
    assert.deepEqual([recovered.map(({ id }) => id).sort(), more], [held.sort(), false]);
    for (const { id } of recovered) this.#model.recover(id, QUARANTINE_AT);
    await this.#announce(nth);
  }

  async #expire(): Promise<void> {
    const [state, count] = [this.#random.pick(["Succeeded", "Deleted"] as const) ?? "Deleted", 3];
    this.#note(`expire ${state}`);
    const before = [...this.#model.jobs.values()].filter((job) => job.state === state).map(({ id }) => id);
    const { expired } = await this.#storage.expire({ retention: { state, ageMs: null, count }, limit: 4 });
    const left = new Set((await this.#storage.get(before)).map(({ id }) => id));
    const gone = before.filter((id) => !left.has(id));
    assert.equal(gone.length, expired);
    assert(gone.length === 0 || left.size >= count, "one of the newest has expired");
    for (const id of gone) assert(!this.#model.mayBeAsked(id), "a child may still ask");
    for (const id of gone) this.#model.jobs.delete(id);
  }

  /** Every job is where the model has it: none lost, none in two states, each held by at most one owner. */
  async #compare(): Promise<void> {
    const jobs = [...this.#model.jobs.values()];
    const rows = new Map((await this.#storage.get(jobs.map(({ id }) => id))).map((row) => [row.id, row]));
    for (const job of jobs) {
      const row = rows.get(job.id);
      assert(row !== undefined, `the job ${job.id} is lost`);
      assert.deepEqual(essence(row), essence(job));
      assert.equal(row.owner !== null, row.state === "Processing");
    }
    assert.deepEqual({ ...(await this.#storage.counts()) }, this.#model.counts());
  }

  /** The lists hold each job once: indices and counters agree with a full scan. */
  async #compareLists(): Promise<void> {
    for (const state of JOB_STATES) {
      const { rows } = await this.#storage.list({ state, limit: 1_000 });
      const expected = [...this.#model.jobs.values()].filter((job) => job.state === state);
      assert.deepEqual(rows.map(({ id }) => id).sort(), expected.map(({ id }) => id).sort());
    }
  }
}
