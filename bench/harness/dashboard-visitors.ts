import { Agent, type ClientRequest, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { isRecord } from "../../src/job/options.ts";
import type { Figures } from "./benchmark.ts";
import { quantile } from "./paired.ts";

/** What the pages ask, and what people look for. `:failed` is one of the failed jobs, `:group` one of the errors. */
const ASKED = [
  "meta",
  "overview",
  "statistics?by=hour",
  "jobs?state=Succeeded",
  "jobs?state=Failed",
  "jobs?state=Enqueued",
  "jobs?state=Failed&name=mail.welcome",
  "jobs?state=Failed&queue=slow",
  "jobs?state=Failed&error=timed%20out",
  "jobs?state=Succeeded&args=nowhere",
  "jobs?state=Failed&path=0.user.id&args=42",
  "jobs/find?id=:failed",
  "jobs/:failed",
  "jobs/:failed/logs",
  "errors",
  "recurring",
  "queues",
  "servers",
  "operations",
  "audit",
  "views",
] as const;

/** How often an open page asks for itself (milliseconds), beside the live stream that all have. */
const WATCHED: readonly (readonly [path: string, everyMs: number])[] = [
  ["overview", 5_000],
  ["jobs?state=Succeeded", 2_000],
  ["queues", 3_000],
  ["servers", 3_000],
  ["errors", 5_000],
];

/** Opens one page after another, without a pause, and gives the times of each route after the warm-up. */
export async function browse(socketPath: string, warmUpMs: number, measuredMs: number): Promise<Figures> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const times = new Map<string, number[]>();
  const failed = await idOfFailed(agent, socketPath);
  const from = performance.now() + warmUpMs;
  const until = from + measuredMs;
  try {
    while (performance.now() < until) {
      for (const path of ASKED) {
        const sent = performance.now();
        await get(agent, socketPath, path.replace(":failed", failed));
        const took = performance.now() - sent;
        if (sent >= from) times.set(path, [...(times.get(path) ?? []), took]);
      }
    }
  } finally {
    agent.destroy();
  }
  const p95 = [...times].map(
    ([path, all]) =>
      [
        path,
        quantile(
          all.toSorted((a, b) => a - b),
          0.95,
        ),
      ] as const,
  );
  return {
    "slowest route p95 ms": Math.max(...p95.map(([, ms]) => ms)),
    ...Object.fromEntries(p95.map(([path, ms]) => [`${path} p95 ms`, ms])),
  };
}

/** Each keeps a page open: the live stream, and what that page asks for again and again. */
export async function watch(socketPath: string, watchers: number, stopped: Promise<void>): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  const streams: ClientRequest[] = [];
  const timers: NodeJS.Timeout[] = [];
  for (let i = 0; i < watchers; i++) {
    const [path, everyMs] = WATCHED[i % WATCHED.length] ?? ["overview", 5_000];
    streams.push(openStream(socketPath));
    // A host that is being closed answers no more.
    const ask = () => void get(agent, socketPath, path).catch(() => {});
    ask();
    timers.push(setInterval(ask, everyMs));
    await delay(100);
  }
  await stopped;
  for (const timer of timers) clearInterval(timer);
  for (const stream of streams) stream.destroy();
  agent.destroy();
}

function openStream(socketPath: string): ClientRequest {
  const sent = request({ socketPath, path: "/api/events" }, (response) => response.resume());
  sent.on("error", () => {});
  sent.end();
  return sent;
}

async function idOfFailed(agent: Agent, socketPath: string): Promise<string> {
  const page: unknown = JSON.parse(await get(agent, socketPath, "jobs?state=Failed"));
  const rows: unknown = isRecord(page) ? page.rows : undefined;
  const first: unknown = Array.isArray(rows) ? rows[0] : undefined;
  if (!isRecord(first) || typeof first.id !== "string") throw new Error("the store has no failed job");
  return first.id;
}

function get(agent: Agent, socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, agent, path: `/api/${path}` }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${path} was answered ${response.statusCode}: ${text.slice(0, 200)}`));
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}
