import { Loop } from "../../base/loop.ts";
import type { JobRecord, RecoveredJob, Storage } from "../../storage/index.ts";
import { isGone, type ProcessIdentity } from "../lease/process-identity.ts";

const BITE = 100;
/** The third death of a server under the same job, the last two of them with the job alone to blame. */
const QUARANTINE_AT = 3;

/** Takes back the jobs of lost servers: of dead processes on this host at once, of others when their lease has run out. */
export function createRecoverer(options: {
  readonly storage: Storage;
  readonly checkMs: number;
  readonly here: ProcessIdentity;
  readonly incarnation: () => string;
  /** `rows`: the quarantined ones as they stand. */
  readonly recovered: (jobs: readonly RecoveredJob[], rows: ReadonlyMap<string, JobRecord>) => void;
  readonly failed: (error: unknown, failures: number) => void;
}): Loop {
  const { storage, checkMs, here, incarnation, failed } = options;
  return new Loop({
    failed,
    async round() {
      const dead = (await storage.servers())
        .filter((server) => isGone(server, here))
        .map((server) => server.incarnation);
      // The first bite removes the rows of those it judges, so the list of the dead is kept for all of them.
      for (let more = true; more; ) {
        const request = { incarnation: incarnation(), dead, limit: BITE, quarantineAt: QUARANTINE_AT };
        const result = await storage.recover(request);
        if (result.recovered.length > 0) {
          options.recovered(result.recovered, await quarantinedOf(storage, result.recovered));
        }
        more = result.more;
      }
      return checkMs;
    },
  });
}

/** Rarely asked, for quarantine is rare. Missing when the storage does not answer: what has happened is told all the same. */
async function quarantinedOf(
  storage: Storage,
  jobs: readonly RecoveredJob[],
): Promise<ReadonlyMap<string, JobRecord>> {
  const ids = jobs.filter(({ quarantined }) => quarantined).map(({ id }) => id);
  if (ids.length === 0) return new Map();
  const rows = await storage.get(ids).catch(() => []);
  return new Map(rows.map((row) => [row.id, row]));
}
