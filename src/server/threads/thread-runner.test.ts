import { afterEach, describe, expect, it } from "vitest";
import { claimedJob } from "../../../test/lifecycle/claimed-job.ts";
import { FilterChains } from "../../filters/filter-chain.ts";
import { defineJobs, type JobSet, registryOf } from "../../job/job-set.ts";
import { currentJob } from "../perform/job-context.ts";
import { StartGate } from "./start-gate.ts";
import { type FromThread, type Report, sharedNow, type ThreadRun } from "./thread-protocol.ts";
import { ThreadRunner } from "./thread-runner.ts";

const exitListeners = process.listeners("exit");
afterEach(() => {
  const added = process.listeners("exit").filter((listener) => !exitListeners.includes(listener));
  for (const listener of added) process.off("exit", listener);
});

/** A runner on this thread, and what it reports. */
class Bench {
  readonly gate = new StartGate();
  readonly messages: (readonly Report[])[] = [];
  readonly runner: ThreadRunner;
  #number = 0;
  #reported = Promise.withResolvers<void>();

  constructor(jobs: JobSet) {
    const start = { module: "here", server: "default", maxResultBytes: undefined };
    this.runner = new ThreadRunner({
      start: { ...start, gate: this.gate.memory },
      registry: registryOf(jobs),
      activate: undefined,
      chains: new FilterChains(),
      post: (message) => this.#hear(message),
    });
  }

  /** The next runs, in one message. */
  give(...names: string[]): void {
    const runs = names.map((name): ThreadRun => {
      const number = this.#number++;
      const claim = claimedJob({ id: `job ${number}`, name, args: "[]" });
      return { number, claim, waited: 0, sentAt: sharedNow() };
    });
    this.runner.hear({ kind: "run", runs });
  }

  get ends(): Extract<Report, { kind: "ended" }>[] {
    return this.messages.flat().filter((report) => report.kind === "ended");
  }

  async untilEnded(count: number): Promise<number[]> {
    while (this.ends.length < count) await this.#reported.promise;
    return this.ends.map(({ number }) => number);
  }

  #hear(message: FromThread): void {
    if (message.kind !== "reports") return;
    this.messages.push(message.reports);
    this.#reported.resolve();
    this.#reported = Promise.withResolvers();
  }
}

function spin(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe("ThreadRunner", () => {
  it("runs one job at a time, also when runs come in the turn that it leaves to others", async () => {
    let running = 0;
    let most = 0;
    const wait = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
    };
    const bench = new Bench(defineJobs({ short() {}, long: () => spin(6), wait }));
    bench.give("short", "long");
    // Both have ended and are told of by now, and the runner waits for its next turn.
    await bench.untilEnded(2);
    bench.give("wait", "wait", "wait");
    expect(await bench.untilEnded(5)).toEqual([0, 1, 2, 3, 4]);
    expect(most).toBe(1);
  });

  it("tells the end of a job before one begins that is not known to be short", async () => {
    const endedBefore: number[] = [];
    const long = () => void endedBefore.push(bench.ends.length);
    const bench: Bench = new Bench(defineJobs({ short() {}, long }));
    bench.give("short", "long");
    await bench.untilEnded(2);
    expect(endedBefore).toEqual([1]);
  });

  it("tells the end of a job while the next one waits, although that one is known to be short", async () => {
    const gate = Promise.withResolvers<void>();
    let waits = false;
    const bench = new Bench(defineJobs({ short() {}, wait: () => (waits ? gate.promise : undefined) }));
    bench.give("short", "wait");
    await bench.untilEnded(2);
    waits = true;
    bench.give("short", "wait");
    expect(await bench.untilEnded(3)).toEqual([0, 1, 2]);
    gate.resolve();
    await bench.untilEnded(4);
  });

  it("gathers the ends of short jobs", async () => {
    const bench = new Bench(defineJobs({ short() {} }));
    bench.give("short");
    await bench.untilEnded(1);
    bench.give(...Array.from({ length: 50 }, () => "short"));
    await bench.untilEnded(51);
    expect(bench.messages.length).toBeLessThan(25);
  });

  it("passes over what was shut out, and goes on behind it", async () => {
    const ran: string[] = [];
    const bench = new Bench(defineJobs({ note: () => void ran.push(currentJob().id) }));
    bench.gate.closeUntil(2);
    bench.give("note", "note", "note");
    expect(await bench.untilEnded(1)).toEqual([2]);
    expect(ran).toEqual(["job 2"]);
  });

  it("does not begin a run that was told to end while it waited", async () => {
    const ran: string[] = [];
    const bench = new Bench(defineJobs({ wait: async () => null, note: () => void ran.push("note") }));
    bench.give("wait", "note");
    bench.runner.hear({ kind: "abort", number: 1, why: "stopping" });
    await bench.untilEnded(2);
    expect(ran).toEqual([]);
    expect(bench.ends[1]?.verdict.elected).toMatchObject({ state: "Enqueued", keepSeq: true });
  });

  it("tells an abort that comes behind the end of its run to nobody", async () => {
    const bench = new Bench(defineJobs({ note: () => currentJob().signal.aborted }));
    bench.give("note");
    await bench.untilEnded(1);
    bench.runner.hear({ kind: "abort", number: 0, why: "stopping" });
    bench.give("note");
    await bench.untilEnded(2);
    expect(bench.ends[1]?.verdict.elected.entry).toContain("false");
  });

  it("tells what a run says while that runs, behind the ends that it has gathered", async () => {
    let told: readonly Report[] = [];
    const say = () => {
      currentJob().log("said");
      told = bench.messages.flat();
    };
    const bench: Bench = new Bench(defineJobs({ short() {}, say }));
    bench.give("short", "say");
    await bench.untilEnded(2);
    expect(told).toMatchObject([
      { kind: "ended", number: 0 },
      { kind: "appended", number: 1, appendices: [{ kind: "log", text: "said" }] },
    ]);
  });

  it("waits for a run whose time is up; then it has failed, whatever it gave, and the next one begins", async () => {
    const told: string[] = [];
    const late = () =>
      new Promise<void>((resolve) => {
        const end = () => {
          told.push("late ended");
          resolve();
        };
        currentJob().signal.addEventListener("abort", () => setTimeout(end, 20));
      });
    const next = () => void told.push("next began");
    const bench = new Bench(defineJobs({ late, next }, { late: { timeout: "10ms", retry: false } }));
    bench.give("late", "next");
    await bench.untilEnded(2);
    expect(told).toEqual(["late ended", "next began"]);
    expect(bench.ends[0]?.verdict.elected).toMatchObject({
      state: "Failed",
      summary: { code: "FL_JOB_TIMEOUT" },
    });
  });

  it("says that it can hear", () => {
    const bench = new Bench(defineJobs({}));
    bench.runner.hear({ kind: "ask" });
    expect(bench.messages).toEqual([[{ kind: "there" }]]);
  });
});
