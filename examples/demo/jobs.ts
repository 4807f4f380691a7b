import { defineJobs } from "firelater";
import * as heavy from "./chain.ts";
import { FileJobs } from "./file-jobs.ts";
import { ReportJobs } from "./report-jobs.ts";
import * as samples from "./sample-jobs.ts";

export interface Settings {
  /** Where the files are. */
  readonly folder: string;
  /** Where the report goes. */
  readonly home: string;
  readonly pauseMs: number;
}

/** Every function that may run in the background, under the name by which it is stored: "files.digest", … */
export function createJobs({ folder, home, pauseMs }: Settings) {
  const files = new FileJobs(folder, pauseMs);
  const report = new ReportJobs(home);
  return defineJobs(
    { files, report, samples, heavy },
    {
      "*": { retry: { retries: 3, delays: ["1s"] } },
      heavy: { "*": { queue: "heavy" } }, // a server with threads runs these: heavy-jobs.ts
      samples: {
        "*": { priority: 1 }, // not behind all the files
        unreliable: { retry: { retries: 5, delays: ["300ms", "600ms"] } },
      },
    },
  );
}

export type Jobs = ReturnType<typeof createJobs>;
