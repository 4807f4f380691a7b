import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { currentJob } from "firelater";

const pack = promisify(gzip);

/** What a file job gives: one entry of the report. */
export interface FileEntry {
  readonly path: string;
  readonly bytes: number;
  readonly gzipped: number;
  readonly sha256: string;
}

/** Regular code: nothing here knows that it will be called in the background, but for the signal. */
export class FileJobs {
  readonly #folder: string;
  readonly #pauseMs: number;

  constructor(folder: string, pauseMs: number) {
    this.#folder = folder;
    this.#pauseMs = pauseMs;
  }

  async digest(path: string): Promise<FileEntry> {
    // Aborted when the server stops: the job is then given back at once, instead of holding up the end.
    const { signal } = currentJob();
    await setTimeout(this.#pauseMs, undefined, { signal });
    const content = await readFile(join(this.#folder, path), { signal });
    const packed = await pack(content);
    const sha256 = createHash("sha256").update(content).digest("hex");
    return { path, bytes: content.length, gzipped: packed.length, sha256 };
  }
}
