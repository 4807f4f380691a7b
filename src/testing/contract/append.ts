import assert from "node:assert/strict";
import { newId } from "../../base/ids.ts";
import { type Appendix, type Claim, FLAG, LOG_CHARS, LOG_LINES, type Storage } from "../../storage/index.ts";
import { assertRow, assertWithin, during } from "./expect.ts";
import { type Section, section } from "./section.ts";

export const append: Section<"append"> = section("append", {
  "log lines are kept in order, stamped by the store": async ({ storage, claimed }) => {
    const job = await claimed();
    const lines = [logLine(job, "one"), logLine(job, "two 😀\nthree", '{"a":"\\u0000"}')];
    const [outcomes, span] = await during(storage, () => storage.append(lines));
    assert.deepEqual(outcomes, ["applied", "applied"]);
    await storage.append([{ ...logLine(job, "four"), attempt: 2 }]);
    const { logs, progress } = await storage.appendices(job.id);
    assert.deepEqual(
      logs.map(({ attempt, text, data }) => [attempt, text, data]),
      [
        [1, "one", null],
        [1, "two 😀\nthree", '{"a":"\\u0000"}'],
        [2, "four", null],
      ],
    );
    assertWithin(logs[0]?.at ?? null, span, "at");
    assert.equal(progress, null);
  },

  "of progress the latest is kept": async ({ storage, claimed }) => {
    const job = await claimed();
    await storage.append([progressOf(job, 10, "begun"), progressOf(job, 33.5, null)]);
    const [, span] = await during(storage, () => storage.append([progressOf(job, 99.25, "nearly")]));
    const { logs, progress } = await storage.appendices(job.id);
    assert(progress !== null && logs.length === 0);
    assertWithin(progress.at, span, "at");
    assert.deepEqual({ ...progress, at: 0 }, { at: 0, attempt: 1, value: 99.25, text: "nearly" });
  },

  "the job is flagged, its fence stays": async ({ storage, claimed, row }) => {
    const { blamed: _, ...job } = await claimed();
    await storage.append([logLine(job, "one"), progressOf(job, 1, null)]);
    assertRow(await row(job.id), { ...job, flags: FLAG.appended });
  },

  "what was appended stays when the run is over": async ({ storage, claimed, enter }) => {
    const job = await claimed();
    await storage.append([logLine(job, "one"), progressOf(job, 100, "done")]);
    const done = await enter(job, "Succeeded");
    assert.equal(done.flags & FLAG.appended, FLAG.appended);
    const { logs, progress } = await storage.appendices(job.id);
    assert.deepEqual([logs.length, progress?.value], [1, 100]);
  },

  "a lost claim appends nothing, and does not disturb the others": async ({ storage, claimed, lose }) => {
    const [lost, kept] = [await claimed(), await claimed()];
    await lose(lost.owner ?? "");
    const gone = { id: newId(), fence: 2 };
    const appendices = [
      logLine(lost, "too late"),
      logLine(kept, "in time"),
      progressOf(lost, 1, null),
      logLine(gone, "nobody"),
      logLine({ ...kept, fence: kept.fence + 1 }, "too early"),
    ];
    assert.deepEqual(await storage.append(appendices), ["stale", "applied", "stale", "stale", "stale"]);
    const answers = await Promise.all([lost, kept, gone].map(({ id }) => storage.appendices(id)));
    assert.deepEqual(
      answers.map(({ logs, progress }) => [logs.map(({ text }) => text), progress]),
      [
        [[], null],
        [["in time"], null],
        [[], null],
      ],
    );
  },

  "of many log lines the newest are kept": async ({ storage, claimed }) => {
    const job = await claimed();
    const count = LOG_LINES + 250;
    const lines = Array.from({ length: count }, (_, nth) => logLine(job, `line ${nth}`));
    for (let at = 0; at < count; at += 50) await storage.append(lines.slice(at, at + 50));
    const { logs } = await storage.appendices(job.id);
    assert.deepEqual(
      logs.map(({ text }) => text),
      lines.slice(-LOG_LINES).map(({ text }) => text),
    );
  },

  "of long log lines the newest that fit are kept, the very newest always": async ({ storage, claimed }) => {
    const [job, huge] = [await claimed(), await claimed()];
    const half = "ü".repeat(LOG_CHARS / 20);
    const lines = Array.from({ length: 50 }, (_, nth) => logLine(job, `${half}${nth % 10}`, half.slice(1)));
    for (let at = 0; at < lines.length; at += 7) {
      await storage.append(lines.slice(at, at + 7));
      await assertBounded(storage, job);
    }
    const { logs } = await storage.appendices(job.id);
    assert.deepEqual(
      logs.map(({ text }) => text.slice(-1)),
      ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    );
    for (const nth of [1, 2]) await storage.append([logLine(huge, `${nth}${"x".repeat(LOG_CHARS)}`)]);
    const kept = await storage.appendices(huge.id);
    assert.deepEqual(
      kept.logs.map(({ text }) => text.slice(0, 1)),
      ["2"],
    );
    await storage.append([logLine(huge, "small")]);
    assert.deepEqual(
      (await storage.appendices(huge.id)).logs.map(({ text }) => text),
      ["small"],
    );
  },

  "a job without appendices has none": async ({ storage, inserted }) => {
    const { id } = await inserted();
    assert.deepEqual({ ...(await storage.appendices(id)) }, { logs: [], progress: null });
    assert.deepEqual(await storage.append([]), []);
  },
});

function logLine({ id, fence }: Claim, text: string, data: string | null = null): Appendix {
  return { id, fence, attempt: 1, kind: "log", text, data };
}

async function assertBounded(storage: Storage, { id }: Claim): Promise<void> {
  const { logs } = await storage.appendices(id);
  const chars = logs.reduce((sum, { text, data }) => sum + text.length + (data?.length ?? 0), 0);
  assert(chars <= LOG_CHARS, `${chars} characters are kept`);
}

function progressOf({ id, fence }: Claim, value: number, text: string | null): Appendix {
  return { id, fence, attempt: 1, kind: "progress", value, text };
}
