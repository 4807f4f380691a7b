import { BackgroundJobClient, BackgroundJobServer, defineJobs } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import { maintenance } from "./maintenance.ts";
import { reportErrors } from "./report-errors.ts";
import { asTenant, currentTenant, tenantContext } from "./tenant.ts";

let bankIsBack: Date | undefined;

const invoices = {
  write: (number: number) => `invoice ${number} of ${currentTenant()}`,
  print: (number: number) => {
    throw new Error(`no paper for invoice ${number}`);
  },
};
const bank = { transfer: (amount: number) => `${amount} transferred` };

const jobs = defineJobs(
  { invoices, bank },
  {
    "*": { filters: [tenantContext, reportErrors((report) => console.log(`report: ${report}`))] },
    invoices: { print: { retry: { retries: 3, delays: ["10ms"] } } },
    bank: { "*": { filters: [maintenance(() => bankIsBack)] } },
  },
);

const storage = new SqliteStorage("jobs.db");
const client = new BackgroundJobClient({ storage, jobs });
const server = new BackgroundJobServer({ storage, jobs });

// Each request belongs to a tenant, and so do the jobs that it enqueues.
const written = await asTenant("acme", () => client.enqueue((j) => j.invoices.write(1)));
const other = await asTenant("umbrella", () => client.enqueue((j) => j.invoices.write(2)));
console.log(await client.result(written, { timeout: "30s" }));
console.log(await client.result(other, { timeout: "30s" }));

// It fails four times, and is reported once.
const printed = await client.enqueue((j) => j.invoices.print(3));
await client.result(printed, { timeout: "30s" }).catch(({ code }) => console.log(code));

bankIsBack = new Date(Date.now() + 1_000);
const transferred = await client.enqueue((j) => j.bank.transfer(50));
console.log(await client.result(transferred, { timeout: "30s" }));
const history = (await client.get(transferred))?.history ?? [];
console.log(
  history.map(({ state, reason }) => (reason === undefined ? state : `${state}: ${reason}`)).join(", "),
);

await server.stop();
await client.close();
await storage.close();
