import { describe, expect, it } from "vitest";
import type { JobFilter } from "../job/job-filter.ts";
import { resolveOptions } from "../job/resolve-options.ts";
import { FilterChains, filterChain, nameOf } from "./filter-chain.ts";

const around = (name: string, over: Partial<JobFilter> = {}): JobFilter => ({
  name,
  onPerforming() {},
  ...over,
});
const names = (filters: readonly JobFilter[] = []) => filters.map(nameOf);

describe("the order of filters", () => {
  it("is that of the scopes, from general to special, and in each as they stand", () => {
    const chain = filterChain([
      [around("client 1"), around("client 2")],
      [around("all"), around("group"), around("job")],
    ]);
    expect(names(chain?.performing)).toEqual(["client 1", "client 2", "all", "group", "job"]);
  });

  it("is that of their numbers before anything else; those without one stand at 0", () => {
    const chain = filterChain([
      [around("late", { order: 5 }), around("first", { order: -1 }), around("a")],
      [around("early", { order: -1 }), around("b", { order: 0 }), around("middle", { order: 0.5 })],
    ]);
    expect(names(chain?.performing)).toEqual(["first", "early", "a", "b", "middle", "late"]);
  });

  it("does not move filters of one number, however many there are", () => {
    const many = Array.from({ length: 60 }, (_, n) => around(String(n)));
    expect(names(filterChain([many])?.performing)).toEqual(many.map(({ name }) => name));
  });

  it("changes no list that it was given", () => {
    const scope = [around("b", { order: 2 }), around("a", { order: 1 })];
    filterChain([scope]);
    expect(names(scope)).toEqual(["b", "a"]);
  });

  it("is the other way round for exceptions: the filter nearest to the job is asked first", () => {
    const told = (name: string): JobFilter => ({ name, onServerException() {}, onClientException() {} });
    const chain = filterChain([[told("outer")], [told("inner")]]);
    expect(names(chain?.serverExceptions)).toEqual(["inner", "outer"]);
    expect(names(chain?.clientExceptions)).toEqual(["inner", "outer"]);
  });

  it("puts elections below 20 before automatic retry, and the others behind it", () => {
    const electing = (order?: number): JobFilter => ({
      name: String(order),
      order,
      onStateElection() {},
    });
    const chain = filterChain([[electing(20), electing(), electing(19.9), electing(21), electing(-5)]]);
    expect(names(chain?.electing.beforeRetry)).toEqual(["-5", "undefined", "19.9"]);
    expect(names(chain?.electing.afterRetry)).toEqual(["20", "21"]);
  });
});

describe("a filter is asked only for what it does", () => {
  it.each<[keyof JobFilter, string]>([
    ["onCreating", "creating"],
    ["onCreated", "creating"],
    ["onClientException", "clientExceptions"],
    ["onPerforming", "performing"],
    ["aroundPerform", "performing"],
    ["onPerformed", "performing"],
    ["onServerException", "serverExceptions"],
    ["onStateElection", "beforeRetry"],
    ["onStateApplied", "applied"],
  ])("%s", (hook, place) => {
    const chain = filterChain([[{ [hook]: async () => {} }]]);
    const lists = { ...chain, ...chain?.electing };
    const asked = Object.entries(lists).filter(([, list]) => Array.isArray(list) && list.length > 0);
    expect(asked.map(([name]) => name)).toEqual([place]);
  });
});

describe("FilterChains", () => {
  const plain = resolveOptions([]);

  it("has none for a job without filters, so that it pays nothing", () => {
    expect(new FilterChains().of(plain)).toBeUndefined();
    expect(filterChain([[], []])).toBeUndefined();
  });

  it("makes the chain of a job once", () => {
    const chains = new FilterChains([around("all")]);
    expect(chains.of(plain)).toBe(chains.of(plain));
    expect(chains.of(resolveOptions([]))).not.toBe(chains.of(plain));
  });

  it("joins the filters of every layer of options behind its own", () => {
    const options = resolveOptions([
      { filters: [around("all")] },
      undefined,
      { queue: "mail", filters: [around("group")] },
      { filters: [around("job")] },
    ]);
    const chain = new FilterChains([around("server")]).of(options);
    expect(names(chain?.performing)).toEqual(["server", "all", "group", "job"]);
    expect(options.queue).toBe("mail");
  });

  it("makes filters of the options that are such", () => {
    const chain = new FilterChains().of(
      resolveOptions([{ latencyTimeout: "1s", idempotentCompletion: true }]),
    );
    expect(names(chain?.electing.beforeRetry)).toEqual(["latencyTimeout"]);
    expect(names(chain?.electing.afterRetry)).toEqual(["idempotentCompletion"]);
    expect(new FilterChains().of(resolveOptions([{ idempotentCompletion: false }]))).toBeUndefined();
  });
});

describe("what people know a filter by", () => {
  class Audit {
    onPerforming(): void {}
  }
  it.each<[string, JobFilter, string]>([
    ["its name", { name: "audit trail", onPerforming() {} }, "audit trail"],
    ["else the name of its class", new Audit(), "Audit"],
    ["else nothing", { onPerforming() {} }, "a filter without a name"],
    [
      "a class without a name",
      new (class {
        onPerforming(): void {}
      })(),
      "a filter without a name",
    ],
    ["a module", Object.assign(Object.create(null), { onPerforming() {} }), "a filter without a name"],
  ])("%s", (_, filter, name) => {
    expect(nameOf(filter)).toBe(name);
  });
});
