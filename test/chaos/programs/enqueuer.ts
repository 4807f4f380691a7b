/**
 * A client that stores jobs under ids of its own. Arguments: the database, a file with the ids in chunks, and how many
 * chunks are known to be stored: they were acknowledged before.
 */
import { readFileSync } from "node:fs";
import { BackgroundJobClient } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import { jobs } from "../jobs.ts";

/** The number of chunks that are stored now. */
export type EnqueuerMessage = number;

const [file = "", ids = "", from = "0"] = process.argv.slice(2);
const chunks: string[][] = JSON.parse(readFileSync(ids, "utf8"));
const client = new BackgroundJobClient({ storage: new SqliteStorage(file), jobs });
for (let at = Number(from); at < chunks.length; at++) {
  await client.enqueueMany((j) => (chunks[at] ?? []).map((id) => [j.work(1), { id }]));
  process.send?.(at + 1);
}
process.disconnect();
