/** Long reads over a connection of its own: while it walks over thousands of rows the event loop of the host is free. */
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { failures } from "./failures.ts";
import { list } from "./list.ts";
import type { ReadAnswer, ReadQuestion } from "./long-reads.ts";
import { Statements } from "./statements.ts";

const { file }: { readonly file: string } = workerData;
const db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
const sql = new Statements(db);

parentPort?.on("message", ({ nth, ask }: ReadQuestion) => {
  let answer: ReadAnswer;
  try {
    answer = { nth, value: ask.kind === "list" ? list(sql, ask.query) : failures(sql, ask.query) };
  } catch (error) {
    answer = { nth, failed: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(answer);
});
