import { FilterChains } from "../filters/filter-chain.ts";
import { registryOf } from "../job/job-set.ts";
import { Activator } from "./perform/activator.ts";
import type { Executor } from "./perform/executor.ts";
import { InlineExecutor } from "./perform/inline-executor.ts";
import { JobRunner } from "./perform/job-runner.ts";
import { Performer } from "./perform/performer.ts";
import type { RunLog } from "./perform/run-log.ts";
import type { ServerParts } from "./server-options.ts";
import type { Settings } from "./settings.ts";
import { ThreadedExecutor } from "./threads/threaded-executor.ts";

/** Where the jobs of a server run: in threads when they are given as a module, else on this event loop. */
export function createExecutor(
  parts: ServerParts,
  settings: Settings,
  runLog: RunLog,
  roomFreed: () => void,
): Executor {
  const { storage, activate, jobs, maxResultBytes } = parts;
  const { logger, workerCount, name: server } = settings;
  const judging = { server, maxResultBytes };
  if (jobs instanceof URL) {
    const { resourceLimits } = parts;
    const module = jobs.href;
    return new ThreadedExecutor({
      storage,
      module,
      threads: workerCount,
      resourceLimits,
      judging,
      logger,
      runLog,
      roomFreed,
    });
  }
  const disposalFailed = (run: { name: string; id: string }, error: unknown) =>
    logger.warn(`disposing of the instance of job ${run.id} (${run.name}) failed`, error);
  const performer = new Performer(storage, new Activator(activate), disposalFailed);
  const runner = new JobRunner({
    performer,
    chains: new FilterChains(parts.filters),
    judging,
    filterFailed: ({ id, name }, filter, error) =>
      logger.error(
        `the filter "${filter}" threw when it was told of the error of job ${id} (${name})`,
        error,
      ),
  });
  return new InlineExecutor({ registry: registryOf(jobs), activate, runner, workerCount });
}
