import { expect, it } from "vitest";
import { Serial } from "./serial.ts";

it("begins an action once the one before has ended, and gives each its own outcome", async () => {
  const serial = new Serial();
  const told: string[] = [];
  const first = Promise.withResolvers<string>();
  const action = (name: string, ends: Promise<string>) => () => {
    told.push(name);
    return ends;
  };
  const all = [
    serial.run(action("first", first.promise)),
    serial.run(() => Promise.reject(new Error("refused"))),
    serial.run(action("third", Promise.resolve("done"))),
  ];
  const outcomes = Promise.allSettled(all);
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual(["first"]);
  first.resolve("written");
  expect((await outcomes).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(await all[2]).toBe("done");
  expect(told).toEqual(["first", "third"]);
});
