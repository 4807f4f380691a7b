import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A real process that runs one of the programs beside these tests and talks over its IPC channel. */
export class Child<Message> implements AsyncDisposable {
  readonly messages: Message[] = [];
  readonly exited: Promise<Exit>;
  readonly pid: number;
  readonly #process: ChildProcess;
  #stderr = "";
  #heard = Promise.withResolvers<void>();

  constructor(program: URL, args: readonly string[] = [], execArgv: readonly string[] = []) {
    this.#process = fork(program, [...args], {
      execArgv: ["--conditions", "firelater-source", ...execArgv],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.pid = this.#process.pid ?? 0;
    this.#process.stderr?.on("data", (text) => {
      this.#stderr += String(text);
    });
    this.#process.on("message", (message: Message) => {
      this.messages.push(message);
      this.#heard.resolve();
      this.#heard = Promise.withResolvers();
    });
    this.exited = once(this.#process, "exit").then(([code, signal]) => {
      this.#heard.resolve();
      return { code, signal };
    });
  }

  /** What it wrote to stderr so far. */
  get stderr(): string {
    return this.#stderr;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** The first message that `matches`, now or later. Rejects when the process ends without it. */
  async hears<M extends Message>(matches: (message: Message) => message is M): Promise<M>;
  async hears(matches: (message: Message) => boolean): Promise<Message>;
  async hears(matches: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.messages.find(matches);
      if (found !== undefined) return found;
      if (!this.isRunning) throw new Error(`the process ended without the message:\n${this.#stderr}`);
      await this.#heard.promise;
    }
  }

  send(message: object | string): void {
    this.#process.send(message);
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isRunning) this.#process.kill("SIGKILL");
    await this.exited;
  }
}
