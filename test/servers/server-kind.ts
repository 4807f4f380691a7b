import type { ChildProcess } from "node:child_process";

/** A private server that was started for these tests. */
export interface StartedServer {
  readonly url: string;
  readonly process: ChildProcess;
}

/** How a server of one kind is found, started and installed. */
export interface ServerKind {
  /** As TEST_STORAGES names it. */
  readonly name: string;
  readonly label: string;
  /** The environment variable with its URL: where it is set nothing else is tried. */
  readonly variable: string;
  readonly defaultUrl: string;
  readonly debianPackage: string;
  /** Whether tests can work on the server at this URL. */
  readonly answers: (url: string) => Promise<boolean>;
  /** What ends it at once and in order. */
  readonly stopSignal: NodeJS.Signals;
  /** Its program, where it is installed. */
  readonly find: () => string | undefined;
  /** Starts it with its data in a folder that goes with the tests. */
  readonly start: (program: string, folder: string, port: number) => Promise<StartedServer>;
}
