import { afterEach, describe, expect, it } from "vitest";
import { claimedJob } from "../../../test/lifecycle/claimed-job.ts";
import { MODULE, ThreadNews } from "../../../test/lifecycle/thread-news.ts";
import type { Appendix } from "../../storage/index.ts";
import { ClaimLostError, ServerStoppingError } from "../perform/interruption.ts";
import { JobRun } from "../perform/job-context.ts";
import type { NotBegun, Verdict } from "../perform/verdict.ts";
import { JobThread, type LeftBehind } from "./job-thread.ts";

interface End {
  readonly verdict: Verdict | NotBegun;
  /** What the thread says of itself in the turn of the end. */
  readonly deafSince: number | undefined;
}

/** A thread with the jobs of the lifecycle tests, and what is heard of it. */
class Bench {
  readonly thread: JobThread;
  readonly said: Appendix[] = [];
  readonly #died = Promise.withResolvers<LeftBehind>();
  #heard = Promise.withResolvers<void>();

  constructor() {
    this.thread = new JobThread({
      start: { module: MODULE.href, server: "default", maxResultBytes: undefined },
      resourceLimits: undefined,
      name: "test",
      heard: (report) => {
        if (report.kind !== "appended") return;
        this.said.push(...report.appendices);
        this.#heard.resolve();
        this.#heard = Promise.withResolvers();
      },
      awake: () => {},
      died: (_, left) => this.#died.resolve(left),
    });
  }

  get died(): Promise<LeftBehind> {
    return this.#died.promise;
  }

  async hasSaid(count: number): Promise<readonly Appendix[]> {
    while (this.said.length < count) await this.#heard.promise;
    return this.said;
  }

  /** A run that the thread is given now. */
  give(name: string, ...args: readonly unknown[]): { readonly run: JobRun; readonly end: Promise<End> } {
    const run = new JobRun(claimedJob({ name, args: JSON.stringify(args) }), {
      log() {},
      progress() {},
      parameters() {},
    });
    const { promise, resolve } = Promise.withResolvers<End>();
    const ended = (verdict: Verdict | NotBegun) => resolve({ verdict, deafSince: this.thread.deafSince });
    this.thread.give({ run, ended });
    return { run, end: promise };
  }
}

const benches: Bench[] = [];
afterEach(async () => {
  await Promise.all(benches.splice(0).map(({ thread }) => thread.stop("the test is over")));
});

async function loaded(): Promise<Bench> {
  const bench = new Bench();
  benches.push(bench);
  await bench.thread.ready;
  return bench;
}

describe("JobThread", () => {
  const interrupted = { elected: { state: "Enqueued", keepSeq: true } };
  it.each([
    ["stops", new ServerStoppingError("default"), interrupted],
    ["has lost its claim", new ClaimLostError("plain.hold"), { candidate: { state: "Failed" } }],
  ])("tells a run that its server %s although it was given in the same turn", async (_, reason, verdict) => {
    using news = new ThreadNews();
    const bench = await loaded();
    const { run, end } = bench.give("plain.hold", "held");
    // The run is still on its way out: an abort that came there before it would be nobody's.
    run.abort(reason);
    expect((await news.hears("held", "aborted")).reason).toBe(reason.name);
    expect((await end).verdict).toMatchObject(verdict);
  });

  it("counts the time without an answer from the end of the run that kept the thread from it", async () => {
    using news = new ThreadNews();
    const bench = await loaded();
    const { end } = bench.give("plain.brief", "brief");
    await news.hears("brief");
    bench.thread.askWhetherAwake();
    const asked = bench.thread.deafSince;
    expect(asked).toBeDefined();
    expect((await end).deafSince).toBeGreaterThan(asked ?? 0);
  });

  it("passes over what code of the jobs posts to what it takes for its own parent", async () => {
    const bench = await loaded();
    const succeeded = { verdict: { elected: { state: "Succeeded" } } };
    expect(await bench.give("plain.foreign").end).toMatchObject(succeeded);
    expect(await bench.give("plain.thread").end).toMatchObject(succeeded);
  });

  it("hears what a run says before that spins on and never gives its thread a turn", async () => {
    const bench = await loaded();
    bench.give("lastWords.spin", "spinning");
    expect(await bench.hasSaid(4)).toMatchObject([
      { kind: "log", text: "step 1", data: '{"n":1}' },
      { kind: "log", text: "step 2" },
      { kind: "log", text: "step 3" },
      { kind: "progress", value: 50 },
    ]);
  });

  it("cuts what it says of a death, whatever was thrown", async () => {
    const bench = await loaded();
    bench.give("deadly.verbose", "verbose");
    const { why } = await bench.died;
    expect(why).toMatch(/^much to say/);
    expect(why.length).toBeLessThanOrEqual(300);
    expect(why.isWellFormed()).toBe(true);
  });
});
