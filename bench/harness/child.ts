/** The process of one sample: `child.ts <module> <params as JSON>`, started by `own-process.ts`. */
import type { Host, Message } from "./own-process.ts";

interface SampleModule {
  readonly sample: (params: unknown, host: Host) => Promise<unknown>;
}

const [, , module = "", params = "null"] = process.argv;
const stopped = Promise.withResolvers<void>();
process.on("message", () => stopped.resolve());

try {
  const { sample } = (await import(module)) as SampleModule;
  const host: Host = { ready: () => tell({ kind: "ready" }), stopped: stopped.promise };
  tell({ kind: "result", result: await sample(JSON.parse(params), host) });
} catch (error) {
  tell({ kind: "failed", error: error instanceof Error ? `${error.stack}` : String(error) });
}
process.disconnect();

function tell(message: Message): void {
  process.send?.(message);
}
