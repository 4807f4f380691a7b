/**
 * What a dev server does on reload: the whole package is evaluated a second time and makes a second server. Arguments:
 * the file, and where a copy of the sources lies.
 */
import * as first from "firelater";
import { SqliteStorage } from "firelater/sqlite";

export interface ReloadedMessage {
  readonly ranBefore: string;
  readonly ranAfter: string;
  readonly leases: number;
  readonly warnings: readonly string[];
  readonly sameModule: boolean;
  readonly currentJob: boolean;
}

const [file = "", copy = ""] = process.argv.slice(2);
const second: typeof first = await import(`${copy}/index.ts`);
const { SqliteStorage: SecondStorage }: { SqliteStorage: typeof SqliteStorage } = await import(
  `${copy}/drivers/sqlite/index.ts`
);
const warnings: string[] = [];
const logger = { debug() {}, info() {}, error() {}, warn: (text: string) => void warnings.push(text) };
// User code of one copy that asks for its job runs on a server of the other.
const jobsOf = (who: string) => first.defineJobs({ who: async () => `${who} ${first.currentJob().name}` });

const storage = new SqliteStorage(file);
const old = new first.BackgroundJobServer({ storage, jobs: jobsOf("old"), logger });
await old.started;
const reloaded = new second.BackgroundJobServer({
  storage: new SecondStorage(file),
  jobs: jobsOf("new"),
  logger,
});
await reloaded.started;

const client = new first.BackgroundJobClient({ storage, jobs: jobsOf("client") });
const ask = async () => client.result(await client.enqueue((j) => j.who()), { timeout: "20s" });
const ranBefore = await ask();
const leases = (await storage.servers()).length;
await old.stop();
const ranAfter = await ask();
await reloaded.stop();
const message: ReloadedMessage = {
  ranBefore,
  ranAfter,
  leases,
  warnings: warnings.filter((text) => text.includes("second server")),
  sameModule: Object.is(first.BackgroundJobServer, second.BackgroundJobServer),
  currentJob: second.tryCurrentJob() === undefined,
};
process.send?.(message, () => process.exit(0));
