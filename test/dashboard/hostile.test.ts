import { createDashboard } from "firelater/dashboard";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/base/ids.ts";
import { entryTail, type NewJob } from "../../src/storage/index.ts";
import { Scene, STORAGES } from "./scene.ts";

const SCRIPT = '<script>alert("x")</script>';
const CONTROLS = "\u0001\u001b[31m\u202e\u2028\ud83d\ude00";
const DEEP = "[".repeat(50_000) + "]".repeat(50_000);

const QUIET = { queue: "nobody", rank: 0, displayName: null, entry: entryTail("Enqueued") } as const;

function hostile(over: Partial<NewJob>): NewJob {
  return { id: newId(), name: SCRIPT, args: "[]", ...QUIET, ...over };
}

describe.each(STORAGES)("a hostile job, on %s", (_, open) => {
  test.each<[string, Partial<NewJob>]>([
    [
      "script tags everywhere",
      { args: JSON.stringify([SCRIPT, { [SCRIPT]: SCRIPT }]), displayName: SCRIPT, tags: [SCRIPT] },
    ],
    ["an argument of a megabyte", { args: JSON.stringify(["x".repeat(1_000_000)]) }],
    ["a hundred thousand arguments", { args: JSON.stringify(Array.from({ length: 100_000 }, (_, n) => n)) }],
    ["control characters", { args: JSON.stringify([CONTROLS]), displayName: CONTROLS }],
    [
      "__proto__ and its kin",
      { args: '[{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}]' },
    ],
    ["values nested fifty thousand deep", { args: `[${DEEP}]` }],
    ["arguments that are no JSON", { args: "[not json" }],
    [
      "an envelope that lies",
      { args: '{"v":1,"json":[1],"meta":{"values":{"__proto__":["map"]}},"fill":[[["__proto__"],"id"]]}' },
    ],
    ["parameters that are no object", { parameters: "[1,2" }],
  ])("with %s is shown as text, within bounds", async (_what, over) => {
    await using scene = await Scene.open(open);
    const job = hostile(over);
    await scene.bench.storage.insert([job]);
    const paths = [
      `jobs/${job.id}`,
      "jobs?state=Enqueued&with=args",
      `jobs/find?id=${job.id}`,
      "overview",
      "queues",
      "errors",
    ];
    for (const path of paths) {
      const { status, headers, body } = await scene.get(path);
      expect([path, status]).toEqual([path, 200]);
      expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
      expect(JSON.stringify(body).length).toBeLessThan(100_000);
    }
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    const shown = await scene.read<"GET jobs/:id">(`jobs/${job.id}`);
    expect(shown.name).toBe(SCRIPT);
    const { text } = await scene.read<"GET jobs/:id/arguments">(`jobs/${job.id}/arguments`);
    expect(text).toBe(job.args);
    expect((await scene.get("jobs?state=Enqueued&args=1&path=0.__proto__.polluted")).status).toBe(200);
    expect((await scene.post(`jobs/${job.id}/delete`)).body).toMatchObject({ applied: true });
  });

  test("comes back from a replay as it was, and pollutes nothing by what it is edited to", async () => {
    await using scene = await Scene.open(open);
    const job = hostile({ args: '[{"$set":[1],"a":{"$date":"x"}},{"$date":"x"}]' });
    const polluted = hostile({ args: '[{"__proto__":{"polluted":1}}]' });
    await scene.bench.storage.insert([job, polluted]);
    const { arguments: shown } = await scene.read<"GET jobs/:id">(`jobs/${job.id}`);
    expect(shown?.editable).toBe(true);
    const { body } = await scene.post(`jobs/${job.id}/replay`, { arguments: shown?.value });
    const [again] = await scene.bench.storage.get([String(Object(body).id)]);
    expect(again?.args).toBe(job.args);
    const odd = await scene.read<"GET jobs/:id">(`jobs/${polluted.id}`);
    expect(odd.arguments?.editable).toBe(false);
    const refused = await scene.post(`jobs/${job.id}/replay`, `{"arguments":${polluted.args}}`);
    expect(Scene.codeOf(refused)).toBe("400 FL_UNSTORABLE_ARGUMENT");
    expect(Reflect.get({}, "polluted")).toBe(undefined);
  });

  test("is redacted before it is sent and before it is searched", async () => {
    await using scene = await Scene.open(open, {
      redact: (value, path) => (path.at(-1) === "password" || value === "in the text" ? "•••" : value),
    });
    const storage = scene.bench.storage;
    const args = '[{"user":"ann","password":"hunter2"},"in the text"]';
    await storage.insert([hostile({ id: newId(), args, name: "login" })]);
    const page = await scene.read<"GET jobs">("jobs?state=Enqueued&with=args");
    const [row] = page.rows;
    const details = await scene.get(`jobs/${row?.id}`);
    const whole = await scene.get(`jobs/${row?.id}/arguments`);
    for (const text of [page, details.body, whole.body].map((body) => JSON.stringify(body)))
      expect([text.includes("hunter2"), text.includes("in the text")]).toEqual([false, false]);
    expect(details.body).toMatchObject({ arguments: { redacted: true, editable: false } });
    const found = async (query: string) =>
      (await scene.read<"GET jobs">(`jobs?state=Enqueued&${query}`)).rows.length;
    expect(await found("args=ann")).toBe(1);
    expect(await found("args=hunter")).toBe(0);
    expect(await found("args=hunter2&path=0.password")).toBe(0);
    expect(await found("args=ann&path=0.user")).toBe(1);
    const operation = (filter: object, dryRun: boolean) =>
      scene.post("operations", { kind: "delete", filter, dryRun });
    const guess = { state: "Enqueued", args: "hunter2" };
    expect((await operation(guess, true)).body).toMatchObject({ dryRun: { matches: 0 } });
    expect(Scene.codeOf(await operation(guess, false))).toBe("400 FL_DASHBOARD_INVALID");
    expect((await operation({ state: "Enqueued", name: "login" }, true)).body).toMatchObject({
      dryRun: { matches: 1 },
    });
  });

  test("shows nothing of a value whose redaction throws, and says so in the log", async () => {
    await using scene = await Scene.open(open, {
      redact: () => {
        throw new Error("no");
      },
    });
    await scene.bench.storage.insert([hostile({ args: '["secret"]' })]);
    const { body } = await scene.get("jobs?state=Enqueued&with=args");
    expect(JSON.stringify(body)).not.toContain("secret");
    expect(scene.bench.logger.texts("error", "redact")).not.toEqual([]);
  });
});

test("a storage that does not answer leaves no request hanging, and what is shared is asked once", async () => {
  const [, open] = STORAGES.at(-1) ?? [];
  if (open === undefined) throw new Error("there is no storage to test on");
  await using scene = await Scene.open(open);
  let asked = 0;
  const storage = new Proxy(scene.bench.storage, {
    get: (target, key) => {
      if (key === "counts") {
        asked++;
        return () => new Promise(() => {});
      }
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  await using slow = createDashboard({ storage, authorize: () => true, logger: scene.bench.logger });
  const answers = await Promise.all(
    [1, 2, 3].map(() => slow.fetch(new Request("http://localhost/api/overview"))),
  );
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
  expect(await answers[0]?.json()).toMatchObject({ code: "FL_DASHBOARD_SLOW" });
  expect(asked).toBe(1);
});
