import { FirelaterError } from "../../base/error.ts";
import { errorOf, type ThreadProblem } from "./thread-protocol.ts";

/** The module given as `jobs` is not what threads need (`FL_THREAD_MODULE`). Seen inside the thread. */
export class ThreadModuleError extends FirelaterError {
  constructor(module: string, problem: string) {
    super({
      code: "FL_THREAD_MODULE",
      what: `The module ${module} ${problem}.`,
      mend: "Write `export const jobs = defineJobs({ … })` in it; `activate` is exported beside it where it is needed.",
    });
  }
}

/** A module that is loaded by job threads starts a server with threads itself (`FL_NESTED_THREADS`). */
export class NestedThreadsError extends FirelaterError {
  constructor(module: string) {
    super({
      code: "FL_NESTED_THREADS",
      what: `A server with threads for ${module} was started inside a thread that runs jobs.`,
      why: "Every thread would start threads of its own, without end.",
      mend: "Make the server in a file that the module of the jobs does not import.",
    });
  }
}

/** The threads of a server could not start (`FL_THREADS_FAILED`). `cause` is what happened in the thread. */
export class ThreadsFailedError extends FirelaterError {
  constructor(module: string, problem: ThreadProblem) {
    const cause = errorOf(problem);
    super({
      code: "FL_THREADS_FAILED",
      what: `A thread could not load ${module}: ${problem.message}`,
      mend: "See the cause: the module is loaded in each thread, and exports `jobs`.",
      cause,
    });
  }
}
