import { type BackgroundJobClient, defineJobs } from "firelater";
import {
  type ApiError,
  createDashboard,
  type Dashboard,
  type DashboardOptions,
  type Routes,
} from "firelater/dashboard";
import type { Workbench } from "../lifecycle/workbench.ts";

export { SOON, STORAGES } from "../lifecycle/workbench.ts";

/** What the tests run: jobs that succeed, fail and say something. */
export const jobs = defineJobs(
  {
    mail: {
      send: async (to: unknown) => ({ sent: to }),
      fail: async (why: string): Promise<void> => {
        throw new TypeError(why);
      },
    },
  },
  { "*": { retry: false } },
);

type GetRoute = Extract<keyof Routes, `GET ${string}`>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The body: JSON read, else text. What a test expects of it is held against it as a whole. */
  readonly body: unknown;
}

/** A storage with a dashboard before it, asked by real requests of Fetch. */
export class Scene implements AsyncDisposable {
  readonly bench: Workbench;
  readonly dashboard: Dashboard;
  readonly client: BackgroundJobClient<typeof jobs>;

  constructor(bench: Workbench, options: Partial<DashboardOptions> = {}) {
    this.bench = bench;
    this.client = bench.client(jobs);
    this.dashboard = createDashboard({
      ...{ storage: bench.storage, jobs, authorize: () => ({ name: "eve" }), logger: bench.logger },
      ...options,
    });
  }

  static async open(
    open: () => Workbench | Promise<Workbench>,
    options?: Partial<DashboardOptions>,
  ): Promise<Scene> {
    const scene = new Scene(await open(), options);
    // The first search on SQLite starts a thread, which takes longer than a request may on a busy machine.
    await scene.bench.storage.list({ state: "Enqueued", limit: 1, where: { name: "nobody" } });
    return scene;
  }

  /** What a route answers to somebody who may ask. */
  async read<K extends GetRoute>(path: string): Promise<Routes[K]["answer"]> {
    const { status, body } = await this.get(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
    return body as Routes[K]["answer"];
  }

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return answerOf(await this.dashboard.fetch(new Request(`http://localhost/api/${path}`, { headers })));
  }

  async post(
    path: string,
    body: unknown = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const request = new Request(`http://localhost/api/${path}`, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": "application/json", "sec-fetch-site": "same-origin", ...headers },
    });
    return answerOf(await this.dashboard.fetch(request));
  }

  /** Runs what is stored, until nothing is ready. */
  async run(): Promise<void> {
    const server = await this.bench.serve(jobs);
    const left = async () => {
      const { Enqueued, Processing } = await this.bench.storage.counts();
      return Enqueued + Processing;
    };
    while ((await left()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await server.stop();
  }

  /** The code with which an answer refuses. */
  static codeOf({ status, body }: Answer): string {
    const { code } = Object(body) as Partial<ApiError>;
    return `${status} ${code}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dashboard.close();
    await this.bench[Symbol.asyncDispose]();
  }
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}
