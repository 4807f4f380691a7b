import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { NEEDS, SENSELESS } from "../../src/dashboard/routes/operation-wish.ts";
import { OPERATION_KINDS } from "../../src/operations/operation.ts";
import { keyOf, routeTable } from "./route-table.ts";

const PAGE = readFileSync(new URL("../../docs/reference/dashboard-api.md", import.meta.url), "utf8");
const TYPES = readFileSync(new URL("../../src/dashboard/api/routes.ts", import.meta.url), "utf8");

/** Each with the permission that stands beside it. */
function documented(): string[] {
  const rows = PAGE.matchAll(/^\| `((?:GET|POST) [^`]+)` \| `([a-z-]+)` \|/gm);
  return [...rows].map(([, key, needs]) => `${key} ${needs}`).sort();
}

test("the reference has every route with its permission, and no other", () => {
  const routes = routeTable();
  expect(documented()).toEqual(routes.map((spec) => `${keyOf(spec)} ${spec.needs}`).sort());
});

test("so have the types", () => {
  const typed = [...TYPES.matchAll(/^ {2}readonly "((?:GET|POST) [^"]+)"/gm)].map(([, key]) => key).sort();
  expect(typed).toEqual(routeTable().map(keyOf).sort());
});

test("the reference tells what each kind of operation may do to each state, and nothing else", () => {
  const table = PAGE.slice(PAGE.indexOf("## Operations by state"));
  const rows = new Map(
    [...table.matchAll(/^\| ([A-Z][A-Za-z, ]+) \|(.*)\|$/gm)].flatMap(([, states = "", cells = ""]) =>
      states.split(", ").map((state) => [state, cells.split("|").map((cell) => cell.trim())] as const),
    ),
  );
  expect(rows.size).toBe(7);
  for (const [nth, kind] of OPERATION_KINDS.entries()) {
    for (const [state, cells] of rows) {
      const isSenseless = SENSELESS[kind].some((one) => one === state);
      expect([kind, state, cells[nth]?.startsWith("yes")]).toEqual([kind, state, !isSenseless]);
    }
  }
  const needed = OPERATION_KINDS.map((kind) => `\`${NEEDS[kind]}\``).join(" | ");
  expect(table).toContain(`| | ${needed} |`);
});
