import { currentJob, defineJobs } from "firelater";
import { TestJobs } from "firelater/testing";
import { expect, it } from "vitest";

const tx = { of: "the code under test" };

it("calls in a transaction are stored at once, for there is none here", async () => {
  const seen: string[] = [];
  const jobs = defineJobs({ ship: (id: string) => void seen.push(id) });
  await using app = new TestJobs({ jobs });
  await app.client.enqueue((j) => j.ship("a"), { tx });
  await app.client.enqueueMany((j) => [j.ship("b")], { tx });
  app.assertEnqueued((j) => j.ship, { count: 2 });
  await app.drain();
  expect(seen).toEqual(["a", "b"]);
});

it("a job that completes in its transaction has succeeded when it returns, and is tried again when it throws", async () => {
  const jobs = defineJobs(
    {
      async ship(): Promise<string> {
        await currentJob().completeIn(tx, `shipped in attempt ${currentJob().attempt}`);
        if (currentJob().attempt === 1) throw new Error("rolled back");
        return "not this";
      },
    },
    { ship: { retry: { delays: ["0s"] } } },
  );
  await using app = new TestJobs({ jobs });
  const id = await app.client.enqueue((j) => j.ship());
  await app.drain();
  expect(await app.client.result(id)).toBe("shipped in attempt 2");
});
