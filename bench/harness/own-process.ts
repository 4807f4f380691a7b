import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What a sample may say and hear while it runs. */
export interface Host {
  /** Tells the starter that the sample is set up. */
  ready(): void;
  /** Resolves when the starter wants the sample to end. */
  readonly stopped: Promise<void>;
}

/** A sample that runs in a process of its own. */
export interface OwnProcess<R> {
  readonly ready: Promise<void>;
  readonly result: Promise<R>;
  stop(): void;
}

export type Message =
  | { readonly kind: "ready" }
  | { readonly kind: "result"; readonly result: unknown }
  | { readonly kind: "failed"; readonly error: string };

/** Set by `--profile`: every process of a sample then leaves a CPU profile in this folder. */
const PROFILE_FOLDER = "FIRELATER_BENCH_PROFILE";

export function profileInto(folder: string): void {
  process.env[PROFILE_FOLDER] = folder;
}

/**
 * Runs the exported `sample` of a module in a fresh process: its heap, its compiled code and its CPU time are its own,
 * so samples do not wear each other down.
 */
export function startSample<R>(module: string, params: object): OwnProcess<R> {
  const folder = process.env[PROFILE_FOLDER];
  const profile = folder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${folder}`];
  const child = fork(
    fileURLToPath(new URL("./child.ts", import.meta.url)),
    [module, JSON.stringify(params)],
    {
      execArgv: ["-C", "firelater-source", "--disable-warning=ExperimentalWarning", ...profile],
    },
  );
  const ready = Promise.withResolvers<void>();
  const result = Promise.withResolvers<R>();
  child.on("message", (message: Message) => {
    if (message.kind === "ready") ready.resolve();
    // The module that is named here also says what its sample gives.
    if (message.kind === "result") result.resolve(message.result as R);
    if (message.kind === "failed") result.reject(new Error(message.error));
  });
  child.on("exit", (code) => result.reject(new Error(`the process of ${module} has ended with ${code}`)));
  result.promise.catch((error: unknown) => ready.reject(error));
  ready.promise.catch(() => {});
  return { ready: ready.promise, result: result.promise, stop: () => child.send("stop") };
}

export function inOwnProcess<R>(module: string, params: object): Promise<R> {
  return startSample<R>(module, params).result;
}
