import { readFileSync } from "node:fs";
import { Client } from "pg";

/** CPU time of the processes that serve the connections of one application, while they live. Linux, and on this machine. */
export class BackendCpu implements AsyncDisposable {
  readonly #client: Client;
  readonly #application: string;

  private constructor(client: Client, application: string) {
    this.#client = client;
    this.#application = application;
  }

  static async of(url: string, application: string): Promise<BackendCpu> {
    const client = new Client({ connectionString: url });
    await client.connect();
    return new BackendCpu(client, application);
  }

  /** Microseconds by process: the scheduler's own count, to the nanosecond. */
  async read(): Promise<ReadonlyMap<number, number>> {
    const { rows } = await this.#client.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE application_name = $1",
      [this.#application],
    );
    return new Map(rows.map(({ pid }) => [pid, onCpu(pid)]));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client.end();
  }
}

function onCpu(pid: number): number {
  const [nanoseconds] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ");
  return Number(nanoseconds) / 1_000;
}

/** What was used between two readings; a process that came between them began at nothing. */
export function usedBetween(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): number {
  let used = 0;
  for (const [pid, microseconds] of after) used += microseconds - (before.get(pid) ?? 0);
  return used;
}
