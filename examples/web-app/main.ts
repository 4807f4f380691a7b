import { createServer, type IncomingMessage } from "node:http";
import { BackgroundJobClient, BackgroundJobServer, defineJobs } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import * as mail from "./mail.ts";

const storage = new SqliteStorage("jobs.db");
const jobs = defineJobs({ mail });
const client = new BackgroundJobClient({ storage, jobs });
const worker = new BackgroundJobServer({ storage, jobs, signals: false }); // this program ends in its own order

interface Answer {
  readonly status: number;
  readonly body: object;
}

async function answer({ method, url = "/" }: IncomingMessage): Promise<Answer> {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  if (method === "POST" && pathname === "/welcome") return welcome(searchParams.get("to"));
  if (method === "GET" && pathname.startsWith("/jobs/")) return showJob(pathname.slice("/jobs/".length));
  return { status: 404, body: { error: "POST /welcome?to=… or GET /jobs/<id>" } };
}

/** The job is in the storage before the visitor is told so: it will run, whatever happens to this process. */
async function welcome(to: string | null): Promise<Answer> {
  if (to === null) return { status: 400, body: { error: "whom? ?to=… is missing" } };
  const id = await client.enqueue((j) => j.mail.welcome(to));
  return { status: 202, body: { id, see: `/jobs/${id}` } };
}

async function showJob(id: string): Promise<Answer> {
  const job = await client.get(id);
  if (job === null) return { status: 404, body: { error: `there is no job ${id}` } };
  const { state, attempt } = job;
  const result = state === "Succeeded" ? await client.result(id) : null;
  return { status: 200, body: { id, state, attempt, result } };
}

function refuse(error: unknown): Answer {
  return { status: 500, body: { error: String(error) } };
}

const web = createServer(async (request, response) => {
  const { status, body } = await answer(request).catch(refuse);
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
});
const port = Number(process.env.PORT ?? 3000);
web.listen(port, () => console.log(`try it: curl -X POST 'http://localhost:${port}/welcome?to=you'`));

/** No new requests, then no new jobs; those that run may end. Nothing is left then that keeps the process. */
async function shutDown(): Promise<void> {
  await new Promise((closed) => web.close(closed));
  await worker.stop();
  await client.close();
  await storage.close();
}
process.once("SIGTERM", shutDown);
process.once("SIGINT", shutDown);
