/**
 * Fills a schema of a PostgreSQL database with jobs: `npm run bench:seed -- --schema big --ready 1000000`. To try a
 * dashboard, a query or a migration on a store of real size; drop the schema afterwards.
 */
import { parseArgs } from "node:util";
import { withUser } from "../../src/drivers/postgres/address.ts";
import { seedPostgres } from "./postgres.ts";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: process.env.POSTGRES_URL ?? "postgres://127.0.0.1:5432/test" },
    schema: { type: "string", default: "firelater_seeded" },
    ready: { type: "string", default: "1000000" },
    finished: { type: "string", default: "10000000" },
    failed: { type: "string", default: "0" },
    scheduled: { type: "string", default: "100000" },
  },
});
const amounts = {
  ready: toCount(values.ready),
  finished: toCount(values.finished),
  scheduled: toCount(values.scheduled),
  failed: toCount(values.failed),
};
const from = performance.now();
await seedPostgres(withUser(values.url), values.schema, amounts);
const seconds = ((performance.now() - from) / 1_000).toFixed(1);
console.log(
  `${amounts.ready} ready, ${amounts.scheduled} scheduled, ${amounts.finished} finished and ${amounts.failed} failed jobs in schema ${values.schema}, in ${seconds} s`,
);

function toCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 0) return count;
  console.error(`A number of jobs is a whole number, not ${text}.`);
  process.exit(2);
}
