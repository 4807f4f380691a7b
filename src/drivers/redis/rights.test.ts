import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { COMMANDS } from "./rights.ts";

/** What scripts write in capitals between quotes beside their commands; who may not publish still writes. */
const NO_COMMANDS = new Set(["LIMIT", "WITHSCORES", "PUBLISH"]);

test("every command of the scripts is tried when a storage opens, and nothing else is", () => {
  const folder = new URL("./", import.meta.url);
  const sources = readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.includes(".test."));
  const capitals = sources
    .filter((name) => name !== "rights.ts")
    .flatMap((name) => [...readFileSync(new URL(name, folder), "utf8").matchAll(/'([A-Z]{3,})'/g)])
    .flatMap(([, word]) => word ?? []);
  const used = [...new Set(capitals)].filter((word) => !NO_COMMANDS.has(word));
  expect([...COMMANDS].sort()).toEqual(used.sort());
});
