import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
/** A terminal sends Ctrl+C to all of npx, a shell and this process, and npx may pass it on once more. */
const ECHO_MS = 300;

/**
 * Resolves at the first SIGINT or SIGTERM, whose sender expects the process to end in order. A second one, unless it is
 * the echo of the first, ends it at once: somebody is in a hurry.
 */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let heardAt: number | undefined;
    const hear = (signal: (typeof SIGNALS)[number]) => {
      heardAt ??= performance.now();
      // As shells count: whoever looks at the code sees by what it was ended.
      if (performance.now() - heardAt > ECHO_MS) process.exit(128 + constants.signals[signal]);
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, hear);
  });
}
