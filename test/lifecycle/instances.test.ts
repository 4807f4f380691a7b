import { defineJobs } from "firelater";
import { expect, test } from "vitest";
import { SOON, Workbench } from "./workbench.ts";

/** What happened to instances, in order. */
let told: string[] = [];

class Mailer {
  readonly #from: string;
  constructor(from: string) {
    this.#from = from;
    told.push(`made for ${from}`);
  }
  async send(to: string): Promise<string> {
    await new Promise(setImmediate);
    told.push(`sent to ${to}`);
    if (to === "nobody") throw new Error("nobody is there");
    return `${this.#from} → ${to}`;
  }
  [Symbol.dispose](): void {
    told.push("disposed of");
  }
}

class AsyncMailer {
  async send(to: string): Promise<void> {
    told.push(`sent to ${to}`);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise(setImmediate);
    told.push("disposed of, in time");
  }
  [Symbol.dispose](): void {
    told.push("disposed of the wrong way");
  }
}

class Clumsy {
  async send(): Promise<string> {
    return "sent";
  }
  async [Symbol.asyncDispose](): Promise<void> {
    throw new Error("tripped");
  }
}

class Plain {
  static count = 0;
  readonly number: number = ++Plain.count;
  async which(): Promise<number> {
    return this.number;
  }
}

const never = { retry: false } as const;

test("an instance is made by activate for each run, and disposed of after it", async () => {
  told = [];
  await using bench = Workbench.inMemory();
  const jobs = defineJobs({ Mailer });
  await bench.serve(jobs, { activate: async () => new Mailer("us"), workerCount: 1 });
  const client = bench.client(jobs);
  const id = await client.enqueue((j) => j.Mailer.send("ada"));
  expect(await client.result(id, { timeout: "10s" })).toBe("us → ada");
  expect(told).toEqual(["made for us", "sent to ada", "disposed of"]);
});

test("it is disposed of when the job fails, too, and the failure stays what it was", async () => {
  told = [];
  await using bench = Workbench.inMemory();
  const jobs = defineJobs({ Mailer }, { "*": never });
  await bench.serve(jobs, { activate: () => new Mailer("us") });
  const client = bench.client(jobs);
  const id = await client.enqueue((j) => j.Mailer.send("nobody"));
  await expect(client.result(id, { timeout: "10s" })).rejects.toThrow(/nobody is there/);
  expect(told.at(-1)).toBe("disposed of");
});

test("async disposal comes before the job has its end", async () => {
  told = [];
  await using bench = Workbench.inMemory();
  const jobs = defineJobs({ AsyncMailer });
  await bench.serve(jobs);
  const client = bench.client(jobs);
  await client.result(await client.enqueue((j) => j.AsyncMailer.send("ada")), { timeout: "10s" });
  expect(told).toEqual(["sent to ada", "disposed of, in time"]);
});

test("a disposal that fails is logged and changes nothing about the job", async () => {
  await using bench = Workbench.inMemory();
  const jobs = defineJobs({ Clumsy });
  await bench.serve(jobs);
  const client = bench.client(jobs);
  const id = await client.enqueue((j) => j.Clumsy.send());
  expect(await client.result(id, { timeout: "10s" })).toBe("sent");
  expect(bench.logger.texts("warn", "disposing")).toHaveLength(1);
});

test("without activate each run gets a new instance", async () => {
  await using bench = Workbench.inMemory();
  const jobs = defineJobs({ Plain });
  await bench.serve(jobs, { workerCount: 1 });
  const client = bench.client(jobs);
  const ids = [await client.enqueue((j) => j.Plain.which()), await client.enqueue((j) => j.Plain.which())];
  const [first, second] = await Promise.all(ids.map((id) => client.result(id, { timeout: "10s" })));
  expect(second).not.toBe(first);
});

test.each<[string, () => object]>([
  [
    "throws",
    () => {
      throw new Error("no container");
    },
  ],
  ["gives nothing", () => null as unknown as object],
  ["gives something else", () => ({})],
])("an activate that %s fails the run, which counts and is retried", async (_, activate) => {
  await using bench = Workbench.inMemory();
  const jobs = defineJobs({ Plain }, { "*": { retry: { retries: 1, delays: ["0ms"] } } });
  await bench.serve(jobs, { activate });
  const id = await bench.client(jobs).enqueue((j) => j.Plain.which());
  await bench.reaches(id, "Failed");
  expect(await bench.states(id)).toEqual([
    "Enqueued",
    "Processing",
    "Failed",
    "Enqueued",
    "Processing",
    "Failed",
  ]);
});

test("an object's method keeps its object, and a static method its class", async () => {
  class Counter {
    static readonly title: string = "counter";
    readonly unused: number = 0;
    static async read(): Promise<string> {
      return Counter.title;
    }
  }
  const greeter = {
    greeting: "hello",
    async greet(name: string): Promise<string> {
      return `${this.greeting} ${name}`;
    },
  };
  await using bench = Workbench.inMemory();
  const jobs = defineJobs({ greeter, Counter });
  await bench.serve(jobs);
  const client = bench.client(jobs);
  const ids = [
    await client.enqueue((j) => j.greeter.greet("ada")),
    await client.enqueue((j) => j.Counter.read()),
  ];
  await expect
    .poll(() => Promise.all(ids.map((id) => client.result(id))), SOON)
    .toEqual(["hello ada", "counter"]);
});
