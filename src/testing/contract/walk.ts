import assert from "node:assert/strict";
import {
  type Change,
  type ClaimedJob,
  type ClaimRequest,
  JOB_STATES,
  type JobRecord,
  type Storage,
} from "../../storage/index.ts";
import { announcement, PROCESSING } from "./builders.ts";
import { adoptFully, claimFully } from "./claim-fully.ts";
import { essence, JobModel, type ModelJob } from "./job-model.ts";
import { assertAllAdmitted, assertListed, byPlace, isOnItsWay } from "./permits.ts";
import { Random } from "./random.ts";
import { releaseAll } from "./release-all.ts";
import { anyChange, anyJob, QUEUES } from "./walk-choices.ts";

const STEPS = 150;
const SERVERS = 3;
const QUARANTINE_AT = 3;

/** A random walk through the verbs, over two handles, beside a model that is asked what each must answer. */
export class Walk {
  readonly #random: Random;
  readonly #handles: readonly Storage[];
  readonly #model: JobModel = new JobModel();
  readonly #servers: string[] = [];
  readonly #known: JobRecord[] = [];
  readonly #sent: Change[] = [];
  readonly #trail: string[] = [];
  /** Completions that were accepted, by job and fence: at most one each. */
  readonly #accepted: Set<string> = new Set();

  constructor(storage: Storage, other: Storage, seed: number) {
    this.#handles = [storage, other];
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
      await this.#compareStatistics();
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
      this.#attach,
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
    const job = anyJob(this.#random, [...this.#model.jobs.keys()]);
    const { due, gate, limit } = job;
    this.#note(`insert ${JSON.stringify({ due, gate, limit })}`);
    const [answer] = await this.#storage.insert([job]);
    await this.#learn([job.id]);
    assert.equal(answer?.outcome, this.#model.insert(job));
  }

  /** Works off what was put off, then tells the model in which order the store has taken things. */
  async #learn(more: readonly string[] = []): Promise<void> {
    await releaseAll(this.#storage);
    this.#model.learnSeqs(await this.#storage.get([...new Set([...this.#model.jobs.keys(), ...more])]));
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
    const forBuffer = ready.slice(slots).filter((id) => {
      const job = this.#model.jobs.get(id);
      return job?.recovered === false && job.limit === null;
    });
    return [...forSlots, ...forBuffer.slice(0, buffer)];
  }

  async #inOrder(jobs: readonly ModelJob[]): Promise<string[]> {
    const rows = await this.#storage.get(jobs.map(({ id }) => id));
    return rows.sort(byPlace).map(({ id }) => id);
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
    const change = anyChange(this.#random, job, this.#trail.length);
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
    await this.#learn();
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
    await this.#learn();
    const taken = (await this.#storage.get(due.map(({ id }) => id))).filter(({ hold }) => hold !== "due");
    for (const { id } of taken.sort((a, b) => a.seq - b.seq)) this.#model.promote(id);
  }

  async #attach(): Promise<void> {
    const job = await this.#knownJob();
    if (job === undefined) return;
    this.#note("attach");
    const text = `{"attached":${this.#trail.length}}`;
    const appendix = { id: job.id, fence: job.fence, attempt: 1, kind: "parameters", text } as const;
    assert.deepEqual(await this.#storage.append([appendix]), [this.#model.attach(job, text)]);
  }

  async #recover(): Promise<void> {
    const nth = this.#random.below(SERVERS);
    const [lost, judge] = [this.#servers[nth] ?? "", this.#servers[(nth + 1) % SERVERS] ?? ""];
    this.#note("recover");
    const held = this.#model.ownedBy(lost).map(({ id }) => id);
    const request = { incarnation: judge, dead: [lost], limit: 100, quarantineAt: QUARANTINE_AT };
    const { recovered, more } = await this.#storage.recover(request);
    assert.deepEqual([recovered.map(({ id }) => id).sort(), more], [held.sort(), false]);
    await this.#learn();
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
    for (const key of new Set(jobs.map(({ limit }) => limit?.key ?? ""))) {
      const limited = [...rows.values()].filter(({ limit }) => limit?.key === key);
      assertAllAdmitted(
        limited,
        Math.max(0, ...limited.filter(isOnItsWay).map(({ limit }) => limit?.max ?? 0)),
      );
    }
  }

  /** The lists hold each job once: indices and counters agree with a full scan. */
  async #compareLists(): Promise<void> {
    for (const state of JOB_STATES) {
      const { rows } = await this.#storage.list({ state, limit: 1_000 });
      const expected = [...this.#model.jobs.values()].filter((job) => job.state === state);
      assert.deepEqual(rows.map(({ id }) => id).sort(), expected.map(({ id }) => id).sort());
    }
    await assertListed(this.#storage, [...this.#model.jobs.keys()]);
  }

  async #compareStatistics(): Promise<void> {
    const total = { succeeded: 0, failed: 0, deleted: 0, retried: 0 };
    for (const hour of await this.#storage.statistics({ from: 0, to: Number.MAX_SAFE_INTEGER })) {
      total.succeeded += hour.succeeded;
      total.failed += hour.failed;
      total.deleted += hour.deleted;
      total.retried += hour.retried;
    }
    assert.deepEqual(total, this.#model.statistics);
  }
}
