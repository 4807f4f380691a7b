/** Jobs that run in threads. They tell the test what happens to them, and wait for it, over a channel of the process. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { BroadcastChannel, parentPort, threadId } from "node:worker_threads";
import { currentJob, defineJobs } from "firelater";

/** What a job tells of itself. */
export interface News {
  readonly tag: string;
  readonly what: "begun" | "aborted" | "disposed of";
  readonly thread: number;
  /** The class of the error with which the signal was aborted. */
  readonly reason: string;
}

/** What a test tells the jobs of a tag. */
export interface Release {
  readonly release: string;
}

export const CHANNEL = "firelater threaded jobs";

function tell(tag: string, what: News["what"], reason?: unknown): void {
  const channel = new BroadcastChannel(CHANNEL);
  const news: News = { tag, what, thread: threadId, reason: reason instanceof Error ? reason.name : "" };
  channel.postMessage(news);
  channel.close();
}

/** Resolves when the test says so. */
function releasedAlone(tag: string): Promise<void> {
  const channel = new BroadcastChannel(CHANNEL);
  return new Promise<void>((resolve) => {
    channel.onmessage = ({ data }: { readonly data: News | Release }) => {
      if ("release" in data && data.release === tag) resolve();
    };
  }).finally(() => channel.close());
}

/** Tells that the job has begun. Resolves when the test says so; rejects when the job is asked to end. */
function released(tag: string): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const { signal } = currentJob();
    const asked = () => {
      tell(tag, "aborted", signal.reason);
      reject(signal.reason);
    };
    if (signal.aborted) asked();
    signal.addEventListener("abort", asked);
    void releasedAlone(tag).then(resolve);
    // Only now: the answer may come at once.
    tell(tag, "begun");
  });
}

function spin(ms = Number.POSITIVE_INFINITY): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** Takes all the memory that there is. */
function hoard(): void {
  const all: number[][] = [];
  for (;;) all.push(Array.from({ length: 10_000 }, (_, n) => n * 1.5));
}

export class OwnError extends Error {
  override name = "OwnError";
}

const plain = {
  echo: async (value: unknown) => value as Date | Map<string, number>,
  thread: () => threadId,
  add: (a: number, b: number) => a + b,
  spinFor(ms: number): number {
    spin(ms);
    return threadId;
  },
  async context() {
    const { id, name, attempt, dueAt, log, progress } = currentJob();
    for (let n = 1; n <= 3; n++) log(`step ${n}`, { n });
    progress(50, "half of it");
    await null;
    return { id: currentJob().id, same: currentJob().id === id, name, attempt, dueAt };
  },
  placeholders: (signal: AbortSignal, dueAt: Date) => ({ isAborted: signal.aborted, dueAt }),
  async hold(tag: string): Promise<string> {
    await released(tag);
    return "released";
  },
  /** Tells that it is asked to end, and does not. */
  async deaf(tag: string): Promise<void> {
    await released(tag).catch(() => {});
    await new Promise(() => {});
  },
  /** Ends when the test says so, whatever its signal says. */
  async stubborn(tag: string): Promise<string> {
    const end = releasedAlone(tag);
    await released(tag).catch(() => {});
    await end;
    return "ended by itself";
  },
  /** Blocks inside a call of the runtime that nobody can interrupt, until a file is there, or its folder gone with the test. */
  native(tag: string, file: string): void {
    tell(tag, "begun");
    const look = `(fs.existsSync(${JSON.stringify(file)}) || !fs.existsSync(${JSON.stringify(dirname(file))})) && process.exit()`;
    execFileSync(process.execPath, ["-e", `const fs = require("node:fs"); setInterval(() => ${look}, 20)`]);
  },
  /** Spins until a file is there: nothing else reaches it. */
  spinUntil(tag: string, file: string): string {
    tell(tag, "begun");
    while (!existsSync(file)) spin(1);
    return "found";
  },
  spin(tag: string): void {
    tell(tag, "begun");
    spin();
  },
  /** Tells that it has begun, and ends a moment later. */
  brief(tag: string): number {
    tell(tag, "begun");
    spin(50);
    return threadId;
  },
  /** As a library does that takes its thread for one of its own. */
  foreign(): number {
    for (const message of [null, "ready", { kind: "ready" }, { kind: "reports" }, []]) {
      parentPort?.postMessage(message);
    }
    return threadId;
  },
  fail(kind: "own" | "other"): void {
    throw kind === "own" ? new OwnError("of this module") : new Error("of everybody");
  },
};

/** Each ends its thread in another way. */
const deadly = {
  exit(tag: string): void {
    tell(tag, "begun");
    process.exit(3);
  },
  async uncaught(tag: string): Promise<void> {
    tell(tag, "begun");
    setTimeout(() => {
      throw new OwnError("from a timer");
    }, 1);
    await new Promise(() => {});
  },
  async rejection(tag: string): Promise<void> {
    tell(tag, "begun");
    void Promise.reject(new OwnError("nobody caught it"));
    await new Promise(() => {});
  },
  memory(tag: string): void {
    tell(tag, "begun");
    hoard();
  },
  async verbose(tag: string): Promise<void> {
    tell(tag, "begun");
    void Promise.reject(new OwnError(`much to say: ${"\u{1f600}".repeat(500_000)}`));
    await new Promise(() => {});
  },
  /** Ends well, and leaves something behind that keeps its thread busy. */
  leaveSpinning(tag: string): string {
    setImmediate(() => {
      tell(tag, "begun");
      spin();
    });
    return "left";
  },
};

function say(): void {
  const { log, progress } = currentJob();
  for (let n = 1; n <= 3; n++) log(`step ${n}`, { n });
  progress(50, "half of it");
}

function sayAndSpin(tag: string): void {
  say();
  tell(tag, "begun");
  spin();
}

/** Each says three lines, and how far it is, and never gives its event loop a turn after that. */
const lastWords = {
  spin: sayAndSpin,
  spinOn: sayAndSpin,
  exit(): void {
    process.on("exit", () => currentJob().log("on exit"));
    say();
    process.exit(3);
  },
  memory(): void {
    say();
    hoard();
  },
  /** Says more than is kept, and then says no more. */
  flood(lines: number): void {
    const { log, progress } = currentJob();
    for (let n = 0; n < lines; n++) {
      log(`line ${n}`);
      progress(n);
    }
  },
};

export class Mailer {
  readonly #from: string;
  constructor(from: string) {
    this.#from = from;
  }
  send(to: string): string {
    return `${this.#from} → ${to} in ${threadId > 0 ? "a thread" : "the main thread"}`;
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await null;
    tell(this.#from, "disposed of");
  }
}

export const activate = (type: abstract new (...args: never[]) => object): object => {
  if (type === Mailer) return new Mailer("us");
  throw new Error(`no ${type.name} here`);
};

const quick = { delays: ["0ms"] } as const;
export const jobs = defineJobs(
  {
    plain,
    deadly,
    Mailer,
    lastWords,
    limited: { hold: plain.hold, deaf: plain.deaf, spin: plain.spin, brief: plain.brief },
  },
  {
    "*": { retry: quick },
    plain: {
      add: { formerly: ["sum"] },
      fail: { retry: { retries: 1, ...quick, exceptOn: [OwnError] } },
    },
    lastWords: { spin: { timeout: "100ms", retry: { retries: 1, ...quick } } },
    limited: { "*": { timeout: "100ms", retry: { retries: 1, ...quick } } },
  },
);
