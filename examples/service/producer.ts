import { BackgroundJobClient } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import type { Jobs } from "./worker.ts"; // types only: none of the worker's code is loaded here

const storage = new SqliteStorage("jobs.db");
const client = new BackgroundJobClient<Jobs>({
  storage,
  options: { thumbnails: { make: { queue: "pictures" } } },
});

const id = await client.enqueue((j) => j.thumbnails.make("cat", 320));
console.log(`enqueued ${id}`);
console.log(`made ${await client.result(id, { timeout: "30s" })}`);

await client.close();
await storage.close();
