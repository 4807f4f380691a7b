import { describe, expect, it } from "vitest";
import { type GroupWrite, GroupWriter } from "./group-writer.ts";

class BadData extends Error {}

/** A store that keeps what it is given, refuses items named "bad", and can be made to hang or to break. */
class Store {
  readonly writes: string[][] = [];
  gate: Promise<void> = Promise.resolve();
  broken = false;

  async write(items: readonly string[]): Promise<string[]> {
    this.writes.push([...items]);
    await this.gate;
    if (this.broken) throw new Error("the store is broken");
    if (items.includes("bad")) throw new BadData("bad row");
    return items.map((item) => `${item}!`);
  }

  writer(
    maxItems = 100,
    more: Pick<GroupWrite<string, string>, "weigh" | "maxWeight" | "atOnce" | "worthItems"> = {},
  ): GroupWriter<string, string> {
    return new GroupWriter({
      ...more,
      write: (items) => this.write(items),
      maxItems,
      isRefusal: (error) => error instanceof BadData,
    });
  }
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);

describe("GroupWriter", () => {
  it("lets callers of one turn share one write, in their order, each with its own outcome", async () => {
    const store = new Store();
    const writer = store.writer();
    const results = await Promise.all(numbered(50).map((item) => writer.add([item])));
    expect(store.writes).toEqual([numbered(50)]);
    expect(results).toEqual(numbered(50).map((item) => [`${item}!`]));
  });

  it("gathers those who come from promises that are ready, too", async () => {
    const store = new Store();
    const writer = store.writer();
    const late = async (item: string) => {
      await null;
      await null;
      return writer.add([item]);
    };
    await Promise.all([writer.add(["first"]), late("second"), late("third")]);
    expect(store.writes).toEqual([["first", "second", "third"]]);
  });

  it("gathers what comes during a write for the next one", async () => {
    const store = new Store();
    const writer = store.writer();
    let open = () => {};
    store.gate = new Promise((resolve) => (open = resolve));
    const first = writer.add(["a"]);
    await expect.poll(() => store.writes.length).toBe(1);
    const others = [writer.add(["b"]), writer.add(["c"])];
    open();
    await Promise.all([first, ...others]);
    expect(store.writes).toEqual([["a"], ["b", "c"]]);
  });

  it("keeps the items of one call together and writes at most maxItems, a larger call alone", async () => {
    const store = new Store();
    const writer = store.writer(3);
    await Promise.all([
      writer.add(["a", "b"]),
      writer.add(["c", "d"]),
      writer.add(["e"]),
      writer.add(numbered(5)),
    ]);
    expect(store.writes).toEqual([["a", "b"], ["c", "d", "e"], numbered(5)]);
  });

  it("gives each call its own part of the results", async () => {
    const writer = new Store().writer();
    const results = await Promise.all([writer.add(["a", "b"]), writer.add([]), writer.add(["c"])]);
    expect(results).toEqual([["a!", "b!"], [], ["c!"]]);
  });

  it.each([0, 1, 24, 48, 49])("fails the bad one among 50 alone, wherever it stands (%i)", async (place) => {
    const store = new Store();
    const writer = store.writer();
    const items = numbered(50).with(place, "bad");
    const outcomes = await Promise.allSettled(items.map((item) => writer.add([item])));
    const rejected = outcomes.flatMap(({ status }, index) => (status === "rejected" ? [index] : []));
    expect(rejected).toEqual([place]);
    const stored = store.writes.filter((write) => !write.includes("bad")).flat();
    expect(stored).toEqual(items.filter((item) => item !== "bad"));
  });

  it("finds several bad ones, and the last write holds no more than the culprit", async () => {
    const store = new Store();
    const writer = store.writer();
    const items = numbered(20).with(3, "bad").with(4, "bad").with(17, "bad");
    const outcomes = await Promise.allSettled(items.map((item) => writer.add([item])));
    expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(3);
    expect(store.writes.length).toBeLessThan(40);
  });

  it("gives a broken store's error to all, without trying them one by one", async () => {
    const store = new Store();
    const writer = store.writer();
    store.broken = true;
    const outcomes = await Promise.allSettled(numbered(10).map((item) => writer.add([item])));
    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
    expect(store.writes).toHaveLength(1);
    store.broken = false;
    await expect(writer.add(["again"])).resolves.toEqual(["again!"]);
  });

  it("writes beside a write that is under way only what fills one, and only so many at once", async () => {
    const store = new Store();
    const writer = store.writer(2, { atOnce: 2 });
    let open = () => {};
    store.gate = new Promise((resolve) => (open = resolve));
    const all = [writer.add(["a"])];
    await new Promise((resolve) => setImmediate(resolve));
    all.push(writer.add(["b"]));
    expect(store.writes).toEqual([["a"]]);
    all.push(writer.add(["c"]), writer.add(["d", "e"]));
    expect(store.writes).toEqual([["a"], ["b", "c"]]);
    const idle = writer.idle();
    open();
    expect(await Promise.all(all)).toEqual([["a!"], ["b!"], ["c!"], ["d!", "e!"]]);
    expect(store.writes).toEqual([["a"], ["b", "c"], ["d", "e"]]);
    await idle;
    expect(writer.size).toBe(0);
  });

  it("writes beside a write that is under way what is worth one, and gathers the rest up to a full one", async () => {
    const store = new Store();
    const writer = store.writer(4, { atOnce: 2, worthItems: 2 });
    let open = () => {};
    store.gate = new Promise((resolve) => (open = resolve));
    const all = [writer.add(["a"])];
    await new Promise((resolve) => setImmediate(resolve));
    for (const item of ["b", "c", "d", "e", "f", "g"]) all.push(writer.add([item]));
    expect(store.writes).toEqual([["a"], ["b", "c"]]);
    open();
    await Promise.all(all);
    expect(store.writes).toEqual([["a"], ["b", "c"], ["d", "e", "f", "g"]]);
  });

  it("counts what waits or is written, and nothing once it has its outcome", async () => {
    const store = new Store();
    const writer = store.writer(2);
    const all = Promise.allSettled([writer.add(["a", "b"]), writer.add(["bad"]), writer.add(["c"])]);
    expect(writer.size).toBe(4);
    await all;
    expect(writer.size).toBe(0);
  });

  it("writes at most maxWeight, a heavier call alone", async () => {
    const store = new Store();
    const writer = store.writer(100, { weigh: (item) => item.length, maxWeight: 5 });
    await Promise.all(["aa", "bbb", "c", "heavier", "d"].map((item) => writer.add([item])));
    expect(store.writes).toEqual([["aa", "bbb"], ["c"], ["heavier"], ["d"]]);
  });

  it("lets the event loop turn, though its store never does", async () => {
    const store = new Store();
    const writer = store.writer();
    let late = 0;
    const asked = performance.now();
    setTimeout(() => (late = performance.now() - asked), 5);
    while (performance.now() - asked < 150) await writer.add(["a"]);
    expect(late).toBeGreaterThan(0);
    expect(late).toBeLessThan(100);
  });

  it("keeps a callback that throws from its neighbours, and from the count", async () => {
    const store = new Store();
    const writer = store.writer();
    const mistake = new Error("a callback's own");
    const heard: unknown[] = [];
    const fail = (): never => {
      throw mistake;
    };
    writer.post({ items: ["a", "b"], resolve: fail, reject: (error) => heard.push(error) });
    writer.post({ items: ["c"], resolve: fail, reject: fail });
    await expect(writer.add(["d"])).resolves.toEqual(["d!"]);
    expect(heard).toEqual([mistake]);
    expect(writer.size).toBe(0);
    await writer.idle();
  });

  it("is idle once everything added so far has its outcome", async () => {
    const writer = new Store().writer(1);
    const settled: string[] = [];
    for (const item of numbered(5)) void writer.add([item]).then(() => settled.push(item));
    await writer.idle();
    expect(settled).toEqual(numbered(5));
    await writer.idle();
  });
});
