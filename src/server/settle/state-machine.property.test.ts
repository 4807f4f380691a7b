/** Random lives of one job, on the memory storage, held against a model of a few lines. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryPolicy } from "../../../test/lifecycle/retry-policy.ts";
import { quietConsole } from "../../base/logger.ts";
import { changeJob } from "../../client/change-job.ts";
import { ClientEventHub } from "../../client/client-events.ts";
import { toJobDetails } from "../../client/job-details.ts";
import { MemoryStorage } from "../../drivers/memory/index.ts";
import { deleted, enqueued, type StateCandidate, scheduled } from "../../states/index.ts";
import type { ClaimedJob, JobRecord } from "../../storage/index.ts";
import { announcement, newJob } from "../../testing/contract/builders.ts";
import { ServerStoppingError } from "../perform/interruption.ts";
import { JobRun } from "../perform/job-context.ts";
import { judge } from "../perform/judge.ts";
import type { RunOutcome } from "../perform/performer.ts";
import { settle } from "./settle.ts";

const STEPS = ["succeed", "throw", "interrupt", "crash", "wait", "requeue", "delete", "reschedule"] as const;
type Step = (typeof STEPS)[number];

const recorder = { log() {}, progress() {}, parameters() {} };

class Life {
  readonly #storage: MemoryStorage;
  readonly #retry: ReturnType<typeof retryPolicy>;
  readonly #id: string;
  #now = 1_700_000_000_000;
  /** The model: what the history must say, and what the invariants count. */
  readonly states: string[] = ["Enqueued"];
  failures = 0;
  crashes = 0;
  starts = 0;
  interruptions = 0;
  byHand = 0;
  fence = 1;

  private constructor(retry: ReturnType<typeof retryPolicy>, id: string) {
    this.#retry = retry;
    this.#id = id;
    this.#storage = new MemoryStorage({ now: () => this.#now });
  }

  static async begin(retry: ReturnType<typeof retryPolicy>): Promise<Life> {
    const job = newJob();
    const life = new Life(retry, job.id);
    await life.#storage.announce(announcement({ incarnation: "judge" }));
    await life.#storage.insert([job]);
    return life;
  }

  async step(step: Step): Promise<void> {
    this.#now += 1_000;
    if (step === "wait") await this.#wait();
    else if (step === "requeue") await this.#byHand(enqueued("Requeued"));
    else if (step === "delete") await this.#byHand(deleted());
    else if (step === "reschedule") await this.#byHand(scheduled({ in: 5_000 }));
    else await this.#run(step);
    await this.#check();
  }

  async job(): Promise<JobRecord> {
    const [job] = await this.#storage.get([this.#id]);
    if (job === undefined) throw new Error("the job is gone");
    return job;
  }

  async #wait(): Promise<void> {
    this.#now += 100_000_000;
    if ((await this.#storage.promote(10)).promoted === 1) this.#entered("Enqueued");
  }

  async #byHand(candidate: StateCandidate): Promise<void> {
    const events = new ClientEventHub(quietConsole);
    const parts = { storage: this.#storage, chainOf: () => undefined, events };
    expect(await changeJob(parts, this.#id, () => candidate)).toBe(true);
    this.byHand++;
    this.#entered(candidate.state);
  }

  async #run(end: "succeed" | "throw" | "interrupt" | "crash"): Promise<void> {
    const incarnation = `server:${this.starts}`;
    await this.#storage.announce(announcement({ incarnation }));
    const request = { incarnation, entry: '"state":"Processing"', queues: ["default"], slots: 1, buffer: 0 };
    const [claim] = await this.#storage.claim(request);
    if (claim === undefined) return;
    this.starts++;
    this.fence++;
    this.states.push("Processing");
    if (end === "crash") await this.#crash(claim, incarnation);
    else await this.#settle(claim, end);
  }

  async #settle(claim: ClaimedJob, end: "succeed" | "throw" | "interrupt"): Promise<void> {
    const run = new JobRun(claim, recorder);
    if (end === "interrupt") run.abort(new ServerStoppingError("web"));
    const outcome: RunOutcome =
      end === "succeed" ? { ok: true, value: this.starts } : { ok: false, thrown: new Error("no route") };
    const options = { retry: this.#retry, server: "web", maxResultBytes: undefined };
    const { change, candidate, elected } = settle(run, judge(run, outcome, 1, options));
    expect(await this.#storage.commit([change])).toEqual(["applied"]);
    // Sent again, as after an answer that was lost: nothing changes.
    expect(await this.#storage.commit([change])).toEqual(["already"]);
    if (candidate !== elected) this.states.push(candidate.state);
    if (end === "throw") this.failures++;
    if (end === "interrupt") this.interruptions++;
    this.#entered(elected.state);
  }

  async #crash(claim: ClaimedJob, incarnation: string): Promise<void> {
    if (claim.crashes >= 2) await this.#storage.blame([{ id: claim.id, fence: claim.fence }]);
    const request = { incarnation: "judge", dead: [incarnation], limit: 10, quarantineAt: 3 };
    expect((await this.#storage.recover(request)).recovered).toHaveLength(1);
    // A crashed owner that wakes up changes nothing.
    const run = new JobRun(claim, recorder);
    const options = { retry: this.#retry, server: "web", maxResultBytes: undefined };
    const late = settle(run, judge(run, { ok: true, value: 1 }, 1, options));
    expect(await this.#storage.commit([late.change])).toEqual(["stale"]);
    this.crashes++;
    this.#entered(this.crashes >= 3 ? "Failed" : "Enqueued");
  }

  #entered(state: string): void {
    this.states.push(state);
    this.fence++;
  }

  async #check(): Promise<void> {
    const job = await this.job();
    const { history } = toJobDetails(job, { logs: [], progress: null });
    expect(history.map(({ state }) => state)).toEqual(this.states);
    const times = history.map(({ at }) => at.getTime());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(job).toMatchObject({ failures: this.failures, crashes: this.crashes, fence: this.fence });
    expect(job.failures).toBeLessThanOrEqual(this.#retry.retries + 1 + this.byHand);
    const most = 1 + job.failures + job.crashes + this.interruptions + this.byHand;
    expect(this.starts).toBeLessThanOrEqual(most);
    const counts = Object.entries(await this.#storage.counts()).filter(([, count]) => count > 0);
    expect(counts).toEqual([[job.state, 1]]);
  }
}

describe("the life of a job", () => {
  it("follows the model, whatever happens to it and in whatever order", async () => {
    const policies = fc.record({
      retries: fc.integer({ min: 0, max: 4 }),
      delaysMs: fc.constantFrom(undefined, [0], [1_000, 0]),
      onExhausted: fc.constantFrom("fail" as const, "delete" as const),
    });
    // Twelve steps add at most 48 entries: the history is complete.
    const lives = fc.array(fc.constantFrom(...STEPS), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(policies, lives, async (policy, steps) => {
        const life = await Life.begin(retryPolicy(policy));
        for (const step of steps) await life.step(step);
      }),
      { numRuns: 300 },
    );
  });

  it("of a job that always throws ends after retries + 1 runs, with every state in its history", async () => {
    const life = await Life.begin(retryPolicy({ retries: 10 }));
    for (let n = 0; n < 30; n++) {
      await life.step("throw");
      await life.step("wait");
    }
    const retried = ["Processing", "Failed", "Scheduled", "Enqueued"];
    expect(life.states).toEqual(["Enqueued", ...Array(10).fill(retried).flat(), "Processing", "Failed"]);
    expect(life.starts).toBe(11);
    await life.step("requeue");
    for (let n = 0; n < 3; n++) await life.step("throw");
    expect(life.starts).toBe(12);
    expect((await life.job()).state).toBe("Failed");
  });
});
