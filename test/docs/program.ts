import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const REPO = join(import.meta.dirname, "../..");
const alive = new Set<Program>();

/** A program of this repo that runs in a folder. The child is Node itself, so that a signal reaches it. */
export class Program {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  #output = "";

  constructor(file: string, folder: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    const nodeArgs = ["-C", "firelater-source", join(REPO, file), ...args];
    this.#child = spawn(process.execPath, nodeArgs, { cwd: folder, env: { ...process.env, ...env } });
    this.#ended = once(this.#child, "close").finally(() => alive.delete(this));
    alive.add(this);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
      });
    }
  }

  /** What it has written so far, errors included. */
  get output(): string {
    return this.#output;
  }

  get isRunning(): boolean {
    return alive.has(this);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves as soon as the output satisfies the condition; rejects when the program ends before. */
  async until(condition: (output: string) => boolean): Promise<void> {
    while (!condition(this.#output)) {
      const heard = once(this.#child.stdout ?? this.#child, "data").then(() => true);
      const goesOn = await Promise.race([heard, this.#ended.then(() => false)]);
      if (!goesOn && !condition(this.#output)) throw new Error(`it ended too early:\n${this.#output}`);
    }
  }

  /** The exit code, or the signal that ended it. */
  async end(): Promise<number | string> {
    const [code, signal] = await this.#ended;
    return typeof code === "number" ? code : String(signal);
  }
}

/** For the end of each test: a program that a failed test has left behind must not outlive it. */
export async function killPrograms(): Promise<void> {
  for (const program of alive) {
    program.kill("SIGKILL");
    await program.end();
  }
}
