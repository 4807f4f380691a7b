import { expect, it } from "vitest";
import { inOrder } from "./in-order.ts";

it("groups keep their places while they grow, new ones come last, and what is gone leaves no hole", () => {
  const groups = ["c", "new", "a"].map((fingerprint) => ({ fingerprint }));
  expect(inOrder(groups, ["a", "b", "c"]).map(({ fingerprint }) => fingerprint)).toEqual(["a", "c", "new"]);
});
