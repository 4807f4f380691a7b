/** The process of one sample: `child.ts <module> <params as JSON>`, started by `own-process.ts`. */
import type { Host, Message } from "./own-process.ts";

interface SampleModule {
  readonly sample: (params: unknown, host: Host) => Promise<unknown>;
}

const [, , module = "", params = "null"] = process.argv;
const stopped = Promise.withResolvers<void>();
process.on("message", () => stopped.resolve());
// Whoever asked for the sample has ended: it must not go on beside the next one.
process.once("disconnect", abandoned);

try {
  const { sample } = (await import(module)) as SampleModule;
  const host: Host = { ready: () => tell({ kind: "ready" }), stopped: stopped.promise };
  tell({ kind: "result", result: await sample(JSON.parse(params), host) });
  process.removeListener("disconnect", abandoned);
  process.disconnect();
} catch (error) {
  // Its own processes would keep it, and they it.
  tell({ kind: "failed", error: error instanceof Error ? `${error.stack}` : String(error) }, abandoned);
}

function tell(message: Message, told: () => void = () => {}): void {
  process.send?.(message, undefined, undefined, told);
}

function abandoned(): never {
  process.exit(1);
}
