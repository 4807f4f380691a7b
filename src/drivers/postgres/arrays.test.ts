import assert from "node:assert/strict";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isReachable, POSTGRES_URL } from "../../../test/postgres-schema.ts";
import { plainArray, textArray, texts } from "./arrays.ts";

const TEXTS = [
  "",
  "plain",
  "NULL",
  null,
  '"quoted" and \\ and \\" and {a,b}',
  "line\nfeed, tab\t, \u0001",
  "é, 日本語, 👩‍🚀",
  "x".repeat(100_000),
];

const binary = (values: readonly (string | null)[]) => texts(values).toBinary();

describe.skipIf(!(await isReachable()))("arrays, as the server reads them", () => {
  const client = new Client({ connectionString: POSTGRES_URL });
  beforeAll(async () => {
    await client.connect();
  });
  afterAll(() => client.end());

  const read = async (values: readonly unknown[], type: string) => {
    const { rows } = await client.query<[unknown]>({
      text: `SELECT $1::${type}[]`,
      values: [...values],
      rowMode: "array",
    });
    return rows[0]?.[0];
  };

  test.each([
    ["quoted", textArray],
    ["binary", binary],
  ] as const)("texts, %s", async (_, toArray) => {
    expect(await read([toArray(TEXTS)], "text")).toEqual(TEXTS);
    expect(await read([toArray([])], "text")).toEqual([]);
    expect(await read([toArray(["one"])], "text")).toEqual(["one"]);
  });

  test("half a character is read as the sign for one that is unknown, either way", async () => {
    for (const toArray of [textArray, binary]) {
      expect(await read([toArray(["a\ud800b"])], "text")).toEqual(["a\ufffdb"]);
    }
  });

  test("a zero character is refused as data, either way", async () => {
    for (const toArray of [textArray, binary]) {
      await assert.rejects(read([toArray(["a\u0000b"])], "text"), { code: "22021" });
    }
  });

  test("numbers, truths and nulls", async () => {
    expect(await read([plainArray([1, -2, null])], "integer")).toEqual([1, -2, null]);
    expect(await read([plainArray([true, null, false])], "boolean")).toEqual([true, null, false]);
  });
});
