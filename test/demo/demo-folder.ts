import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { BackgroundJobClient } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import type { FileEntry } from "../../examples/demo/file-jobs.ts";
import { createJobs, type Jobs } from "../../examples/demo/jobs.ts";
import type { Run } from "../../examples/demo/run-state.ts";

/** A folder outside of any checkout, with some files to work on. */
export class DemoFolder {
  readonly path = mkdtempSync(join(tmpdir(), "firelater-demo-"));
  readonly files: readonly string[];

  constructor(count: number) {
    this.files = Array.from({ length: count }, (_, index) => `some folder/${index % 7}/file ${index}.txt`);
    for (const [index, file] of this.files.entries()) this.write(file, `line ${index}\n`.repeat(index * 3));
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(this.#at(file)), { recursive: true });
    writeFileSync(this.#at(file), text);
  }

  read(file: string): string {
    return readFileSync(this.#at(file), "utf8");
  }

  has(file: string): boolean {
    return existsSync(this.#at(file));
  }

  remove(file = "."): void {
    rmSync(this.#at(file), { recursive: true, force: true });
  }

  get run(): Run {
    return JSON.parse(this.read(".demo/run.json"));
  }

  set run(run: Run) {
    this.write(".demo/run.json", JSON.stringify(run));
  }

  get report(): FileEntry[] {
    return JSON.parse(this.read(".demo/report.json")).files;
  }

  set report(files: readonly FileEntry[]) {
    this.write(".demo/report.json", JSON.stringify({ files }));
  }

  /** What the report must say. */
  get expected(): FileEntry[] {
    return [...this.files].sort().map((path) => {
      const content = readFileSync(this.#at(path));
      const sha256 = createHash("sha256").update(content).digest("hex");
      return { path, bytes: content.length, gzipped: gzipSync(content).length, sha256 };
    });
  }

  /** Looks into the run's jobs while no demo runs. */
  async withJobs<T>(look: (client: BackgroundJobClient<Jobs>, run: Run) => Promise<T>): Promise<T> {
    const { run } = this;
    const storage = new SqliteStorage(this.#at(run.database));
    const jobs = createJobs({ folder: this.path, home: this.#at(".demo"), pauseMs: 0 });
    const client = new BackgroundJobClient({ storage, jobs });
    try {
      return await look(client, run);
    } finally {
      await client.close();
      await storage.close();
    }
  }

  #at(file: string): string {
    return join(this.path, file);
  }
}
