import assert from "node:assert/strict";
import { newId } from "../../base/ids.ts";
import {
  type Appendix,
  type Claim,
  type JobRecord,
  MAX_TAGS,
  PARAMETER_CHARS,
  TAG_CHARS,
} from "../../storage/index.ts";
import { behind, changeOf, LONG_MS, limited, newJob } from "./builders.ts";
import { assertRow } from "./expect.ts";
import { type Section, section } from "./section.ts";

const PARAMETERS = '{"trace":"00-abc","text":"😀 \\u0000\\n"}';
/** As many as may be, as long as may be, and what an engine might trip over. */
const TAGS: readonly string[] = [
  "customer:42",
  'a "quoted", listed [text]',
  "Ünïcode 😀",
  "line\nbreak \u0000 and more",
  " ",
  ...Array.from({ length: MAX_TAGS - 5 }, (_, nth) => `${nth} ${"x".repeat(TAG_CHARS)}`.slice(0, TAG_CHARS)),
];

/** What filters and people attach to a job. */
export const parameters: Section<"parameters"> = section("parameters", {
  "parameters and tags are kept as they are given, however the job begins": async (setup) => {
    const parent = await setup.inserted();
    const attached = { parameters: PARAMETERS, tags: TAGS };
    for (const kind of [{}, { due: { in: LONG_MS } }, { plannedAt: 5 }, behind(parent.id), limited("k")]) {
      const row = await setup.inserted({ ...attached, ...kind });
      assert.deepEqual([row.parameters, row.tags], [PARAMETERS, TAGS]);
    }
    const { rows } = await setup.storage.list({ state: "Enqueued", limit: 10 });
    assert.equal(rows.filter((row) => row.parameters === PARAMETERS).length, 3);
  },

  "a job with nothing attached has none": async ({ inserted }) => {
    const plain = await inserted();
    assert.deepEqual([plain.parameters, plain.tags, plain.limit], [null, [], null]);
    const empty = await inserted({ tags: [] });
    assert.deepEqual([empty.parameters, empty.tags], [null, []]);
  },

  "attaching is no flag: such a job takes the way of all others": async ({ inserted }) => {
    const row = await inserted({ parameters: PARAMETERS, tags: TAGS });
    assert.deepEqual([row.state, row.hold, row.flags, row.fence], ["Enqueued", null, 0, 1]);
  },

  "they stay through a whole life": async (setup) => {
    const { claimed, storage, claimAgain, enter, lose, row } = setup;
    let job: JobRecord = await claimed({ parameters: PARAMETERS, tags: TAGS });
    const stays = (found: JobRecord) =>
      assert.deepEqual([found.parameters, found.tags], [PARAMETERS, TAGS], `in ${found.state}`);
    stays(job);
    await storage.giveBack([job]);
    job = await claimAgain(job);
    await lose(job.owner ?? "");
    job = await claimAgain(await row(job.id));
    await storage.park([job]);
    stays(await row(job.id));
    job = await enter(await row(job.id), "Scheduled", { failed: true, due: { at: 1_000 } });
    stays(job);
    await storage.promote(10);
    job = await claimAgain(await row(job.id));
    stays(job);
    stays(await enter(job, "Succeeded"));
  },

  "a commit replaces the parameters, and leaves them where it says nothing": async (setup) => {
    const job = await setup.claimed({ parameters: PARAMETERS });
    const longest = `{"a":"${"x".repeat(PARAMETER_CHARS - 8)}"}`;
    const retried = await setup.enter(job, "Scheduled", {
      failed: true,
      due: { at: 1_000 },
      parameters: longest,
    });
    assert.deepEqual([retried.parameters, retried.flags], [longest, 0]);
    assert.equal((await setup.enter(retried, "Enqueued")).parameters, longest);
    const first = await setup.claimed();
    for (const state of ["Succeeded", "Failed", "Deleted"] as const) {
      const before = await setup.row(first.id);
      const after = await setup.enter(before, state, { parameters: `{"state":"${state}"}` });
      assert.deepEqual([after.state, after.parameters], [state, `{"state":"${state}"}`]);
    }
  },

  "a commit that is stale or sent again replaces nothing": async (setup) => {
    const job = await setup.claimed();
    const change = changeOf(job, "Succeeded", { parameters: '{"a":1}' });
    assert.equal(await setup.commit({ ...change, fence: 9, parameters: '{"a":2}' }), "stale");
    assert.equal(await setup.commit(change), "applied");
    assert.equal(await setup.commit({ ...change, parameters: '{"a":3}' }), "already");
    assert.equal((await setup.row(job.id)).parameters, '{"a":1}');
  },

  "a run replaces its job's parameters: the row stays as it is otherwise": async (setup) => {
    const { blamed: _, ...job } = await setup.claimed({ parameters: PARAMETERS });
    const outcomes = await setup.storage.append([parametersOf(job, "{}"), parametersOf(job, '{"a":1}')]);
    assert.deepEqual(outcomes, ["applied", "applied"]);
    assertRow(await setup.row(job.id), { ...job, parameters: '{"a":1}' });
    assert.deepEqual({ ...(await setup.storage.appendices(job.id)) }, { logs: [], progress: null });
    const done = await setup.enter(job, "Succeeded");
    assert.deepEqual([done.state, done.parameters], ["Succeeded", '{"a":1}']);
  },

  "a lost claim replaces nothing, and does not disturb the others": async (setup) => {
    const [lost, kept] = [await setup.claimed({ parameters: PARAMETERS }), await setup.claimed()];
    await setup.lose(lost.owner ?? "");
    const gone = { id: newId(), fence: 2 };
    const appendices = [lost, kept, gone].map((claim) => parametersOf(claim, '{"late":true}'));
    assert.deepEqual(await setup.storage.append(appendices), ["stale", "applied", "stale"]);
    assert.equal((await setup.row(lost.id)).parameters, PARAMETERS);
    assert.equal((await setup.row(kept.id)).parameters, '{"late":true}');
  },

  "an id that exists keeps what it has": async (setup) => {
    const { id } = await setup.inserted({ parameters: PARAMETERS, tags: ["a"] });
    const [again] = await setup.storage.insert([newJob({ id, parameters: "{}", tags: ["b"] })]);
    assert.equal(again?.outcome, "exists");
    const row = await setup.row(id);
    assert.deepEqual([row.parameters, row.tags], [PARAMETERS, ["a"]]);
  },
});

function parametersOf({ id, fence }: Claim, text: string): Appendix {
  return { id, fence, attempt: 1, kind: "parameters", text };
}
