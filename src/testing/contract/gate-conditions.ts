import assert from "node:assert/strict";
import {
  GATE_CONDITIONS,
  type GateCondition,
  type JobRecord,
  releasedTail,
  TAIL,
} from "../../storage/index.ts";
import { behindWhen, changeOf, newJob } from "./builders.ts";
import { assertRow, historyOf } from "./expect.ts";
import { releaseAll } from "./release-all.ts";
import { type Section, section } from "./section.ts";
import { settle } from "./settle.ts";
import type { Setup } from "./setup.ts";

type Ending = "Succeeded" | "Deleted";
const ENDINGS: readonly Ending[] = ["Succeeded", "Deleted"];
const CASES = GATE_CONDITIONS.flatMap((condition) => ENDINGS.map((ending) => ({ condition, ending })));
/** More than one write may reach. */
const MANY = 130;

/** What opens a gate, and what breaks it: each condition with each ending. */
export const gateConditions: Section<"gate-conditions"> = section("gate-conditions", {
  ...Object.fromEntries(
    CASES.flatMap(({ condition, ending }) => [
      [
        `"${condition}": a parent that is ${ending} ${meets(condition, ending) ? "opens" : "breaks"} the gate`,
        async (setup) => {
          const parent = await setup.inserted();
          const child = await setup.inserted(behindWhen(condition, parent.id));
          assert.equal(child.state, "Awaiting");
          await setup.enter(parent, ending);
          assertEnded(await setup.row(child.id), child, condition, ending);
        },
      ] satisfies [string, Section["tests"][number]["run"]],
      [
        `"${condition}": a parent that was ${ending} before ${meets(condition, ending) ? "counts" : "breaks the gate at once"}`,
        async (setup) => {
          const parent = await setup.jobIn(ending);
          const job = newJob(behindWhen(condition, parent.id));
          const row = await setup.inserted(job);
          const awaiting = { ...row, entry: job.entry, fence: 0, history: "" };
          assertEnded(row, awaiting, condition, ending);
        },
      ] satisfies [string, Section["tests"][number]["run"]],
    ]),
  ),

  "every parent must have ended, whatever the condition, and one that failed has not": async (setup) => {
    for (const condition of GATE_CONDITIONS) {
      const parents = [await setup.inserted(), await setup.inserted(), await setup.jobIn("Failed")];
      const child = await setup.inserted(behindWhen(condition, ...parents.map(({ id }) => id)));
      const ending = condition === "succeeded" ? "Succeeded" : "Deleted";
      for (const parent of parents) {
        assertRow(await setup.row(child.id), child);
        await setup.enter(parent, ending);
      }
      assertEnded(await setup.row(child.id), child, condition, ending);
    }
  },

  "of several parents the first that ends otherwise breaks the gate": async (setup) => {
    for (const [condition, good, bad] of [
      ["succeeded", "Succeeded", "Deleted"],
      ["deleted", "Deleted", "Succeeded"],
    ] as const) {
      const parents = [await setup.inserted(), await setup.inserted(), await setup.inserted()] as const;
      const child = await setup.inserted(behindWhen(condition, ...parents.map(({ id }) => id)));
      await setup.enter(parents[0], good);
      await setup.enter(parents[1], bad);
      const broken = await setup.row(child.id);
      assert.deepEqual([broken.state, broken.entry], ["Deleted", TAIL.conditionNotMet]);
      await setup.enter(parents[2], good);
      assertRow(await setup.row(child.id), broken);
    }
  },

  "parents that have ended and parents that have not are counted together": async (setup) => {
    const [succeeded, deleted] = [await setup.jobIn("Succeeded"), await setup.jobIn("Deleted")];
    const open = await setup.inserted();
    const ids = await setup.insert(
      behindWhen("ended", succeeded.id, open.id, deleted.id),
      behindWhen("deleted", deleted.id, open.id),
      behindWhen("deleted", succeeded.id, open.id),
      behindWhen("succeeded", deleted.id, open.id),
    );
    assert.deepEqual(await statesOf(setup, ids), ["Awaiting", "Awaiting", "Deleted", "Deleted"]);
    await setup.enter(open, "Deleted");
    assert.deepEqual(await statesOf(setup, ids), ["Enqueued", "Enqueued", "Deleted", "Deleted"]);
  },

  "a child that is deleted with its gate opens those behind it that wait for that": async (setup) => {
    const parent = await setup.inserted();
    const child = await setup.inserted(behindWhen("succeeded", parent.id));
    const ids = await setup.insert(...GATE_CONDITIONS.map((condition) => behindWhen(condition, child.id)));
    const [grandchild = ""] = ids.slice(1);
    const [last = ""] = await setup.insert(behindWhen("ended", grandchild));
    await setup.enter(parent, "Deleted");
    assert.deepEqual(await statesOf(setup, [child.id, ...ids]), [
      "Deleted",
      "Deleted",
      "Enqueued",
      "Enqueued",
    ]);
    assert.equal((await setup.row(last)).state, "Awaiting");
    await setup.enter(await setup.row(grandchild), "Succeeded");
    assert.equal((await setup.row(last)).state, "Enqueued");
  },

  "a parent that ends again after a requeue counts as it ended first": async (setup) => {
    const [first, second] = [await setup.inserted(), await setup.inserted()];
    const child = await setup.inserted(behindWhen("deleted", first.id, second.id));
    const deleted = await setup.enter(first, "Deleted");
    await setup.enter(await setup.enter(deleted, "Enqueued"), "Succeeded");
    assertRow(await setup.row(child.id), child);
    await setup.enter(second, "Deleted");
    assert.equal((await setup.row(child.id)).state, "Enqueued");
  },

  "what one write leaves over is settled as each gate wants it": async (setup) => {
    for (const ending of ENDINGS) {
      const parent = await setup.inserted();
      const jobs = Array.from({ length: MANY }, (_, nth) => behindWhen(conditionOf(nth), parent.id));
      const ids: string[] = [];
      for (let at = 0; at < MANY; at += 50) ids.push(...(await setup.insert(...jobs.slice(at, at + 50))));
      await setup.enter(parent, ending);
      await releaseAll(setup.storage);
      for (const [nth, id] of ids.entries()) {
        const { state, fence, history } = await setup.row(id);
        const condition = conditionOf(nth);
        assert.deepEqual([state, fence], [meets(condition, ending) ? "Enqueued" : "Deleted", 2]);
        if (state === "Enqueued") assert(history.endsWith(`${releasedTail(condition)}}\n`));
      }
    }
  },

  "parents that end at once, each as it likes, leave no child waiting": async (setup) => {
    const other = await setup.another();
    for (let round = 0; round < 12; round++) {
      const condition = conditionOf(round);
      const [first, second] = [await setup.inserted(), await setup.inserted()];
      const child = await setup.inserted(behindWhen(condition, first.id, second.id));
      const endings = [ENDINGS[round % 2], ENDINGS[(round >> 1) % 2]] as const;
      await Promise.all([
        settle(setup.storage, changeOf(first, endings[0] ?? "Deleted")),
        settle(other, changeOf(second, endings[1] ?? "Deleted")),
      ]);
      await releaseAll(setup.storage);
      const opens = endings.every((ending) => meets(condition, ending ?? "Deleted"));
      assert.equal((await setup.row(child.id)).state, opens ? "Enqueued" : "Deleted");
    }
  },
});

function meets(condition: GateCondition, ending: Ending): boolean {
  if (condition === "ended") return true;
  return condition === "succeeded" ? ending === "Succeeded" : ending === "Deleted";
}

function conditionOf(nth: number): GateCondition {
  return GATE_CONDITIONS[nth % GATE_CONDITIONS.length] ?? "succeeded";
}

/** The child of one parent that has ended; `before` is the row that waited. */
function assertEnded(row: JobRecord, before: JobRecord, condition: GateCondition, ending: Ending): void {
  const { seq, stateAt } = row;
  const opened = meets(condition, ending);
  const awaiting = [before.stateAt, before.entry] as const;
  assertRow(row, {
    ...before,
    seq: opened ? seq : before.seq,
    state: opened ? "Enqueued" : "Deleted",
    stateAt,
    entry: opened ? "" : TAIL.conditionNotMet,
    hold: null,
    fence: before.fence + 1,
    history: opened ? historyOf(awaiting, [stateAt, releasedTail(condition)]) : historyOf(awaiting),
  });
}

async function statesOf({ row }: Setup, ids: readonly string[]): Promise<string[]> {
  return (await Promise.all(ids.map(row))).map(({ state }) => state);
}
