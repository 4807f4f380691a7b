import { Loop } from "../../base/loop.ts";
import { type ServerCommand, type Storage, VITALS_CHARS } from "../../storage/index.ts";
import type { ServerVitals } from "../lifetime/vitals.ts";

/** People who press a button wait for it. */
const LONGEST_MS = 2_000;

/** What people may ask of a server from elsewhere. */
export type ObeyingServer = Readonly<Record<ServerCommand, () => Promise<void>>>;

export interface ReporterParts {
  readonly storage: Storage;
  readonly heartbeatMs: number;
  readonly incarnation: () => string;
  readonly vitals: () => ServerVitals;
  readonly server: ObeyingServer;
  readonly warn: (message: string, error: unknown) => void;
  readonly failed: (error: unknown, failures: number) => void;
}

/** Tells how the server is, and hears what people want of it. */
export function createReporter(parts: ReporterParts): Loop {
  const { storage, heartbeatMs, incarnation, vitals, server, warn, failed } = parts;
  let obeyed: ServerCommand | null = null;
  return new Loop({
    failed,
    async round() {
      const command = await storage.admin.report(incarnation(), toText(vitals()));
      // Once for each wish. Not awaited: to stop waits for this very loop.
      if (command !== null && command !== obeyed) {
        server[command]().catch((error: unknown) => warn(`asked to ${command}, and that failed`, error));
      }
      obeyed = command;
      return Math.min(heartbeatMs, LONGEST_MS);
    },
  });
}

/** Fewer of its runs rather than a text that the contract does not take. */
function toText(vitals: ServerVitals): string {
  let { runs } = vitals;
  for (;;) {
    const text = JSON.stringify({ ...vitals, runs });
    if (text.length <= VITALS_CHARS || runs.length === 0) return text;
    runs = runs.slice(0, Math.floor(runs.length / 2));
  }
}
