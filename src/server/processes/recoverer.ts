import { Loop } from "../../base/loop.ts";
import type { RecoveredJob, Storage } from "../../storage/index.ts";
import { isGone, type ProcessIdentity } from "../process-identity.ts";

const BITE = 100;
/** The third death of a server under the same job, the last two of them with the job alone to blame. */
const QUARANTINE_AT = 3;

/** Takes back the jobs of lost servers: of dead processes on this host at once, of others when their lease has run out. */
export function createRecoverer(options: {
  readonly storage: Storage;
  readonly checkMs: number;
  readonly here: ProcessIdentity;
  readonly incarnation: () => string;
  readonly recovered: (jobs: readonly RecoveredJob[]) => void;
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
        if (result.recovered.length > 0) options.recovered(result.recovered);
        more = result.more;
      }
      return checkMs;
    },
  });
}
