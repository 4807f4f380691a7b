/** Opens file after file of its own arguments' list, each new, stores a job in it and closes it again. */
import { BackgroundJobClient } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import { jobs } from "../jobs.ts";

export type OpenerMessage = { readonly opened: string } | { readonly failed: string; readonly error: string };

const files: string[] = JSON.parse(process.argv[2] ?? "[]");
const tell = (message: OpenerMessage) => process.send?.(message);
for (const file of files) {
  const storage = new SqliteStorage(file);
  try {
    await storage.ready;
    await new BackgroundJobClient({ storage, jobs }).enqueue((j) => j.work(1));
    tell({ opened: file });
  } catch (error) {
    tell({ failed: file, error: String(error) });
  }
  await storage.close();
}
process.disconnect();
