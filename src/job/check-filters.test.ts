import { describe, expect, it } from "vitest";
import { checkFilters } from "./check-filters.ts";

const check = (...filters: unknown[]) => checkFilters(filters, "the filters of the client");
const refused = (pattern: RegExp) =>
  expect.objectContaining({ code: "FL_INVALID_OPTIONS", message: expect.stringMatching(pattern) });
const onPerforming = () => {};

class Audit {
  onPerforming(): void {}
  onModuleInit(): void {}
  on(): void {}
}
class Misspelt {
  onPerforming(): void {}
  onPreformed(): void {}
}
class Heir extends Misspelt {}

describe("what is a filter", () => {
  it.each<[string, unknown]>([
    ["an object with one function", { onPerforming }],
    ["one with a name and an order", { name: "audit", order: -1.5, onPerforming }],
    ["members of its own beside", { onPerforming, sink: [], once: 1, online: true }],
    ["an instance whose class has functions of its own", new Audit()],
    ["a module of functions", Object.assign(Object.create(null), { onPerforming })],
    ["one that leaves a function out", { onPerforming, onPerformed: undefined }],
  ])("%s", (_, filter) => {
    expect(() => check(filter)).not.toThrow();
  });
});

describe("what is none is refused by its place", () => {
  it.each<[string, unknown, RegExp]>([
    ["a function", onPerforming, /a function as number 1 of the filters of the client/],
    ["null", null, /null as number 1/],
    ["a list", [{ onPerforming }], /an array of 1 as number 1/],
    ["a class instead of an instance", Audit, /a function as number 1/],
    ["an object without a function", { name: "idle" }, /at least one of onCreating/],
    ["a name that is no text", { name: 7, onPerforming }, /7 as the name of number 1/],
    ["an order that is no number", { order: "first", onPerforming }, /"first" as the order of number 1/],
    ["an endless order", { order: Number.NaN, onPerforming }, /NaN as the order/],
    ["a function that is none", { onPerforming: true }, /true as onPerforming of number 1/],
    ["a misspelt function", { onPerforming, onPreformed() {} }, /no "onPreformed".*mean "onPerformed"/],
    ["one that looks like a function of filters", { onPerforming, onRetry() {} }, /no "onRetry"/],
    ["a misspelt method of a class", new Misspelt(), /no "onPreformed"/],
    ["one that was inherited", new Heir(), /no "onPreformed"/],
  ])("%s", (_, filter, pattern) => {
    expect(() => check(filter)).toThrow(refused(pattern));
  });

  it("a filter behind good ones is named by its number", () => {
    expect(() => check({ onPerforming }, { onPerforming }, 3)).toThrow(refused(/number 3 of the filters/));
  });

  it.each<[string, unknown]>([
    ["no list", { onPerforming }],
    ["undefined", undefined],
    ["too many", Array.from({ length: 101 }, () => ({ onPerforming }))],
  ])("%s is refused as a whole", (_, filters) => {
    expect(() => checkFilters(filters, "filters")).toThrow(refused(/a list of at most 100 filters/));
  });
});
