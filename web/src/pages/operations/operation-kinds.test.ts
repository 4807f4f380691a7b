import { expect, it } from "vitest";
import { NEEDS, SENSELESS } from "../../../../src/dashboard/routes/operation-wish.ts";
import { KINDS, kindsFor } from "./operation-kinds.ts";

it("offers what the API takes, and asks for the permissions that it asks for", () => {
  expect(Object.fromEntries(KINDS.map(({ value, senseless }) => [value, senseless]))).toEqual(SENSELESS);
  expect(Object.fromEntries(KINDS.map(({ value, needs }) => [value, needs]))).toEqual(NEEDS);
});

it("offers nothing that somebody may not do", () => {
  expect(
    kindsFor("Scheduled", { requeue: true, reschedule: false, delete: false }).map(({ value }) => value),
  ).toEqual(["requeue", "move"]);
  expect(kindsFor("Failed", { requeue: false, reschedule: false, delete: false })).toEqual([]);
});
