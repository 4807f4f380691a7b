import { type Appendix, LOG_LINES } from "../../storage/index.ts";
import type { JobRun, RunRecorder } from "../perform/job-context.ts";
import { droppedLine, logLine, parametersOf, progressOf } from "../perform/run-log.ts";

/** Longer than the server gathers: of what comes over from a run, it has nothing to drop. */
const WINDOW_MS = 250;
/** One is left for the line that says how many more there were. */
const LINES = LOG_LINES - 1;
/** Progress and parameters are told in loops, and of all of them only the latest is kept. */
const STANDS = 100;

/** What the run has said in the present window. */
interface Said {
  until: number;
  lines: number;
  stands: number;
  dropped: number;
  /** What is told at the end of the window, unless newer comes. */
  latest: { progress?: Appendix; parameters?: Appendix };
}

/**
 * Log lines and progress of the run of a thread. Each is told at once: code that spins never lets the loop turn, and
 * the last lines of a run whose thread has to be stopped are those that people look for. How many are told in a window
 * is bounded, because each is a message that the server's event loop takes in.
 */
export class ThreadLog implements RunRecorder {
  readonly #tell: (appendix: Appendix) => void;
  #run: JobRun | undefined;
  /** Made when the run first says something: most never do. */
  #said: Said | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (appendix: Appendix) => void) {
    this.#tell = tell;
  }

  begin(run: JobRun): void {
    this.#run = run;
  }

  /** Tells what was held back. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const said = this.#said;
    if (said === undefined || this.#run === undefined) return;
    const { dropped, latest } = said;
    said.dropped = 0;
    said.latest = {};
    if (dropped > 0) {
      said.lines++;
      this.#tell(droppedLine(this.#run, dropped, WINDOW_MS));
    }
    for (const appendix of Object.values(latest)) this.#tell(appendix);
  }

  /** Nothing more is told of the run: its end is reported next. */
  end(): void {
    this.flush();
    this.#run = undefined;
    this.#said = undefined;
  }

  log(run: JobRun, text: string, data: object | undefined): void {
    const said = this.#now(run);
    if (said === undefined) return;
    if (said.lines < LINES) {
      said.lines++;
      this.#tell(logLine(run, text, data));
    } else {
      said.dropped++;
      this.#tellLater(said);
    }
  }

  progress(run: JobRun, value: number, text: string | undefined): void {
    this.#stand(run, "progress", progressOf(run, value, text));
  }

  parameters(run: JobRun): void {
    const text = run.changedParameters;
    if (text !== undefined) this.#stand(run, "parameters", parametersOf(run, text));
  }

  #stand(run: JobRun, kind: "progress" | "parameters", appendix: Appendix): void {
    const said = this.#now(run);
    if (said === undefined) return;
    if (said.stands < STANDS) {
      said.stands++;
      this.#tell(appendix);
    } else {
      said.latest[kind] = appendix;
      this.#tellLater(said);
    }
  }

  /** Undefined for a run that has ended and left code behind: what that says, its claim's fence would refuse. */
  #now(run: JobRun): Said | undefined {
    if (this.#run !== run) return undefined;
    this.#said ??= { until: 0, lines: 0, stands: 0, dropped: 0, latest: {} };
    // Seen by the clock here, too: a run that spins gives timers no turn.
    if (performance.now() >= this.#said.until) this.#turn(this.#said);
    return this.#said;
  }

  #turn(said: Said): void {
    said.until = performance.now() + WINDOW_MS;
    said.lines = 0;
    said.stands = 0;
    this.flush();
  }

  #tellLater({ until }: Said): void {
    this.#timer ??= setTimeout(() => this.flush(), until - performance.now());
  }
}
