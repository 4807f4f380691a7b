import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { currentJob } from "firelater";
import type { FileEntry } from "./file-jobs.ts";
import { summarize } from "./summary.ts";

/** The report, made in two steps: a job can continue at most 1,000 others. */
export class ReportJobs {
  readonly #home: string;

  constructor(home: string) {
    this.#home = home;
  }

  /** Gathers what some hundred file jobs gave. */
  part(files: readonly FileEntry[]): FileEntry[] {
    return [...files];
  }

  /** Writes what all parts gave, for machines and for people. */
  async write(parts: readonly (readonly FileEntry[])[]): Promise<number> {
    const { log, progress } = currentJob();
    const files = parts.flat();
    await this.#replace("report.json", `${JSON.stringify({ files }, null, 2)}\n`);
    progress(50, "report.json is written");
    await this.#replace("report.txt", summarize(files));
    log("the report is written", { files: files.length });
    return files.length;
  }

  /** A job may run again when its process was killed; nobody may ever see half of its file. */
  async #replace(name: string, text: string): Promise<void> {
    const draft = join(this.#home, `${name}.${process.pid}.draft`);
    await writeFile(draft, text);
    await rename(draft, join(this.#home, name));
  }
}
