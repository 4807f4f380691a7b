import assert from "node:assert/strict";
import { newId } from "../../base/ids.ts";
import type { DocumentRecord } from "../../storage/index.ts";
import { assertWithin, during } from "./expect.ts";
import { type Section, section } from "./section.ts";

/** Small texts beside the jobs. */
export const documents: Section<"documents"> = section("documents", {
  "a text is kept as it is, with the store's time and a version": async ({ storage, another }) => {
    const { admin } = storage;
    const text = `{"a":"Ünï 😀 \\u0000 %_'"}`;
    const save = { kind: "view", id: "A b/ü", version: 0, text };
    const [outcomes, span] = await during(storage, () => admin.saveDocuments([save]));
    assert.deepEqual(outcomes, ["applied"]);
    const record = await (await another()).admin.getDocument("view", "A b/ü");
    assert(record !== null && record.version > 0);
    assertWithin(record.at, span, "at");
    assert.deepEqual({ ...record, version: 0, at: 0 }, { ...save, at: 0 });
    assert.equal(await admin.getDocument("view", "a b/ü"), null);
    assert.equal(await admin.getDocument("views", "A b/ü"), null);
  },

  "of all who have seen one version one is accepted": async ({ storage, another }) => {
    const other = (await another()).admin;
    const { admin } = storage;
    const at = (version: number, text: string | null) => [{ kind: "operation", id: "x", version, text }];
    assert.deepEqual(await admin.saveDocuments(at(0, "one")), ["applied"]);
    assert.deepEqual(await other.saveDocuments(at(0, "two")), ["stale"]);
    const first = await known(admin.getDocument("operation", "x"));
    const both = await Promise.all([
      admin.saveDocuments(at(first.version, "three")),
      other.saveDocuments(at(first.version, "four")),
    ]);
    assert.deepEqual(both.flat().sort(), ["applied", "stale"]);
    const second = await known(other.getDocument("operation", "x"));
    assert(second.version > first.version);
    assert.deepEqual(await admin.saveDocuments(at(first.version, null)), ["stale"]);
    assert.deepEqual(await admin.saveDocuments(at(second.version, null)), ["applied"]);
    assert.equal(await other.getDocument("operation", "x"), null);
    assert.deepEqual(await admin.saveDocuments(at(second.version, "five")), ["stale"]);
    assert.deepEqual(await admin.saveDocuments(at(0, "six")), ["applied"]);
    assert((await known(admin.getDocument("operation", "x"))).version > second.version);
    assert.deepEqual(await admin.saveDocuments([{ kind: "operation", id: "none", version: 0, text: null }]), [
      "applied",
    ]);
  },

  "a stale save does not disturb the others of its call": async ({ storage }) => {
    const { admin } = storage;
    const save = (id: string, version: number) => ({ kind: "audit", id, version, text: id });
    assert.deepEqual(await admin.saveDocuments([save("a", 0), save("b", 7), save("a", 0), save("c", 0)]), [
      "applied",
      "stale",
      "stale",
      "applied",
    ]);
  },

  "a kind is listed by its ids, either way, page by page": async ({ storage }) => {
    const { admin } = storage;
    const ids = ["B", "a", "b", "ä", "😀"];
    await admin.saveDocuments([...ids].reverse().map((id) => ({ kind: "view", id, version: 0, text: "{}" })));
    await admin.saveDocuments([
      { kind: "vie", id: "x", version: 0, text: "" },
      { kind: "viewx", id: "x", version: 0, text: "" },
    ]);
    const list = async (query: { limit: number; after?: string; descending?: boolean }) =>
      (await admin.listDocuments({ kind: "view", ...query })).map(({ id }) => id);
    assert.deepEqual(await list({ limit: 10 }), ids);
    assert.deepEqual(await list({ limit: 2, after: "a" }), ["b", "ä"]);
    assert.deepEqual(await list({ limit: 3, descending: true }), ["😀", "ä", "b"]);
    assert.deepEqual(await list({ limit: 10, descending: true, after: "b" }), ["a", "B"]);
  },

  "a page is as long as it is asked for": async ({ storage }) => {
    const { admin } = storage;
    const ids = Array.from({ length: 620 }, (_, nth) => String(nth).padStart(4, "0"));
    for (let at = 0; at < ids.length; at += 100)
      await admin.saveDocuments(
        ids.slice(at, at + 100).map((id) => ({ kind: "audit", id, version: 0, text: id })),
      );
    const list = async (query: { limit: number; after?: string; descending?: boolean }) =>
      (await admin.listDocuments({ kind: "audit", ...query })).map(({ id }) => id);
    assert.deepEqual(await list({ limit: 1_000 }), ids);
    assert.deepEqual(await list({ limit: 250, descending: true }), ids.toReversed().slice(0, 250));
    assert.deepEqual(await list({ limit: 200, after: "0009" }), ids.slice(10, 210));
    assert.deepEqual(await list({ limit: 200, after: "0519" }), ids.slice(520));
  },

  "trimmed to the last of their ids, in bites": async ({ storage }) => {
    const { admin } = storage;
    const ids = Array.from({ length: 12 }, () => newId());
    await admin.saveDocuments(ids.map((id) => ({ kind: "audit", id, version: 0, text: id })));
    await admin.saveDocuments([{ kind: "view", id: "kept", version: 0, text: "" }]);
    assert.equal(await admin.trimDocuments("audit", 5, 4), 4);
    assert.equal(await admin.trimDocuments("audit", 5, 100), 3);
    assert.equal(await admin.trimDocuments("audit", 5, 100), 0);
    const left = (await admin.listDocuments({ kind: "audit", limit: 100 })).map(({ id }) => id);
    assert.deepEqual(left, [...ids].sort().slice(-5));
    assert(await admin.getDocument("view", "kept"));
  },
});

async function known(asked: Promise<DocumentRecord | null>): Promise<DocumentRecord> {
  const record = await asked;
  assert(record !== null);
  return record;
}
