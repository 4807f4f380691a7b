import { describe, expect, it } from "vitest";
import type { JobFilter } from "../job/job-filter.ts";
import { scheduled } from "../states/index.ts";
import type { InsertOutcome, NewJob } from "../storage/index.ts";
import { newJob } from "../testing/contract/builders.ts";
import { createFiltered } from "./create-filtered.ts";
import { filterChain } from "./filter-chain.ts";

const down = new Error("no route");

/** Creates a job inside filters; `store` says what the storage answers. */
function create(
  filters: readonly JobFilter[],
  {
    job = newJob(),
    store = async (): Promise<InsertOutcome> => ({ outcome: "inserted" }),
  }: { readonly job?: NewJob; readonly store?: () => Promise<InsertOutcome> } = {},
) {
  const chain = filterChain([filters]);
  if (chain === undefined) throw new Error("there are no filters");
  const stored: NewJob[] = [];
  const late: [string, unknown][] = [];
  const given = createFiltered(chain, job, {
    store: (changed) => {
      stored.push(changed);
      return store();
    },
    lateError: (filter, error) => void late.push([filter, error]),
  });
  return { given, stored, late };
}

function told(log: string[], name: string, over: Partial<JobFilter> = {}): JobFilter {
  return {
    name,
    onCreating: () => void log.push(`${name} creating`),
    onCreated: ({ existed, cancelled, error }) =>
      void log.push(
        `${name} created${existed ? " existed" : ""}${cancelled ? " cancelled" : ""} ${error ?? ""}`.trim(),
      ),
    onClientException: ({ error }) => void log.push(`${name} ${error}`),
    ...over,
  };
}

const failing = () => Promise.reject(down);

describe("filters around the storing of a job", () => {
  it("nest, and are told whether the job was there before", async () => {
    const log: string[] = [];
    const exists = async (): Promise<InsertOutcome> => ({ outcome: "exists" });
    const { given } = create([told(log, "outer"), told(log, "inner")], { store: exists });
    expect(await given).toEqual({ outcome: "exists" });
    expect(log).toEqual([
      "outer creating",
      "inner creating",
      "inner created existed",
      "outer created existed",
    ]);
  });

  it("change what is stored, and see each other's changes", async () => {
    const queues: string[] = [];
    const first: JobFilter = {
      onCreating({ job, setQueue, setPriority, setDisplayName, addTag }) {
        setQueue("slow");
        setPriority(7);
        setDisplayName("Say\nhello");
        addTag("a");
        addTag("a");
        job.parameters.set("tenant", "acme");
      },
    };
    const second: JobFilter = { onCreating: ({ job }) => void queues.push(job.queue) };
    const { given, stored } = create([first, second]);
    await given;
    expect(queues).toEqual(["slow"]);
    expect(stored).toMatchObject([
      { queue: "slow", rank: -7, displayName: "Say hello", tags: ["a"], parameters: '{"tenant":"acme"}' },
    ]);
  });

  it.each([
    ["at once, in", { state: "Enqueued", queue: "slow" } as const, newJob()],
    [
      "as late as it was to, in",
      { state: "Scheduled", delay: "1h", queue: "slow" } as const,
      newJob({ due: { in: 3_600_000 }, entry: scheduled({ in: 3_600_000 }).entry }),
    ],
  ])("send the job %s another queue, with no word about it", async (_, state, job) => {
    const { given, stored } = create([{ onStateElection: ({ elect }) => elect(state) }], { job });
    await given;
    expect(stored.map(({ queue, due }) => ({ queue, due }))).toEqual([{ queue: "slow", due: job.due }]);
  });

  it("store the job as it came when none changes it", async () => {
    const job = newJob();
    const { given, stored } = create([told([], "a")], { job });
    await given;
    expect(stored[0]).toBe(job);
  });

  it.each<[string, (context: Parameters<NonNullable<JobFilter["onCreating"]>>[0]) => void, string]>([
    ["a bad queue", ({ setQueue }) => setQueue("No!"), "FL_INVALID_QUEUE"],
    ["a bad priority", ({ setPriority }) => setPriority(1.5), "FL_INVALID_PRIORITY"],
    ["an empty tag", ({ addTag }) => addTag(""), "FL_INVALID_OPTIONS"],
    ["an empty name", ({ setDisplayName }) => setDisplayName(" "), "FL_INVALID_OPTIONS"],
    ["a parameter that is none", ({ job }) => job.parameters.set("x", () => 1), "FL_INVALID_PARAMETER"],
  ])("cannot give %s: nothing is stored", async (_, change, code) => {
    const { given, stored } = create([{ onCreating: change }]);
    await expect(given).rejects.toMatchObject({ code });
    expect(stored).toEqual([]);
  });
});

describe("a filter that cancels", () => {
  it("keeps the job and filters further in from coming; the call rejects with its reason", async () => {
    const log: string[] = [];
    const gate = told(log, "gate", { onCreating: ({ cancel }) => cancel("closed") });
    const { given, stored } = create([told(log, "outer"), gate, told(log, "inner")]);
    await expect(given).rejects.toMatchObject({
      code: "FL_ENQUEUE_CANCELLED",
      reason: "closed",
      message: expect.stringContaining(
        'The filter "gate" has cancelled the call of mail.welcome (closed). Nothing',
      ),
    });
    expect(stored).toEqual([]);
    expect(log[1]).toMatch(/^outer created cancelled EnqueueCancelledError/);
    expect(log).toHaveLength(2);
  });

  it("is not heard when it has answered already", async () => {
    const cancels: (() => void)[] = [];
    const { given, stored } = create([
      { onCreating: ({ cancel }) => void cancels.push(cancel), onCreated: () => cancels[0]?.() },
    ]);
    expect(await given).toEqual({ outcome: "inserted" });
    expect(stored).toHaveLength(1);
  });
});

describe("what is thrown", () => {
  it("by the storage is told to those around it and to exception filters, and is what the call rejects with", async () => {
    const log: string[] = [];
    const { given } = create([told(log, "outer"), told(log, "inner")], { store: failing });
    await expect(given).rejects.toBe(down);
    expect(log.slice(2)).toEqual([
      `inner created ${down}`,
      `outer created ${down}`,
      `inner ${down}`,
      `outer ${down}`,
    ]);
  });

  it("by an exception filter changes nothing", async () => {
    const log: string[] = [];
    const broken: JobFilter = {
      name: "report",
      onClientException: () => Promise.reject(new Error("down, too")),
    };
    const { given, late } = create([told(log, "outer"), broken], { store: failing });
    await expect(given).rejects.toBe(down);
    expect(late).toEqual([["report", new Error("down, too")]]);
    expect(log.at(-1)).toBe(`outer ${down}`);
  });

  it("after the job was stored does not reject: its caller would store it again", async () => {
    const { given, late } = create([{ name: "audit", onCreated: () => Promise.reject(down) }]);
    expect(await given).toEqual({ outcome: "inserted" });
    expect(late).toEqual([["audit", down]]);
  });

  it("by onCreated where nothing was stored is what the call rejects with", async () => {
    const own = new RangeError("own");
    const { given } = create([{ onCreated: () => Promise.reject(own) }], { store: failing });
    await expect(given).rejects.toBe(own);
  });

  it("by a filter that elects comes out as it is, and nothing is stored", async () => {
    const { given, stored } = create([{ onStateElection: () => Promise.reject(down) }]);
    await expect(given).rejects.toBe(down);
    expect(stored).toEqual([]);
  });
});

describe("the first state", () => {
  it("is elected before the job is stored, and says what it stands for", async () => {
    const { given, stored } = create([
      {
        onStateElection: ({ elect }) =>
          elect({ state: "Scheduled", delay: "1h", queue: "slow", reason: "not now" }),
      },
    ]);
    await given;
    expect(stored).toMatchObject([{ due: { in: 3_600_000 }, queue: "slow" }]);
    expect(JSON.parse(`{${stored[0]?.entry}}`)).toEqual({
      state: "Scheduled",
      reason: "not now",
      delay: 3_600_000,
      insteadOf: "Enqueued",
    });
  });

  it("frees a job of its time or its parents when it becomes Enqueued", async () => {
    const now: JobFilter = { onStateElection: ({ elect }) => elect({ state: "Enqueued" }) };
    for (const job of [
      newJob({ due: { in: 5 } }),
      newJob({ gate: { parents: ["a"], condition: "ended" } }),
    ]) {
      const { given, stored } = create([now], { job });
      await given;
      expect(stored[0]).not.toHaveProperty("due");
      expect(stored[0]).not.toHaveProperty("gate");
    }
  });

  it("cannot be one that only a run ends in, nor Deleted", async () => {
    for (const state of ["Succeeded", "Deleted"] as const) {
      const { given } = create([{ onStateElection: ({ elect }) => elect({ state }) }]);
      await expect(given).rejects.toMatchObject({ code: "FL_ILLEGAL_TRANSITION" });
    }
  });

  it("is told to those who watch: from nothing to Enqueued; a job that awaits has nothing decided", async () => {
    const applied: string[] = [];
    const watch: JobFilter = { onStateApplied: ({ from, to }) => void applied.push(`${from} → ${to.state}`) };
    await create([watch]).given;
    await create([watch], { job: newJob({ due: { in: 5 } }) }).given;
    await create([watch], { job: newJob({ gate: { parents: ["a"], condition: "ended" } }) }).given;
    expect(applied).toEqual(["null → Enqueued", "null → Scheduled"]);
  });
});
