import { describe, expect, test } from "vitest";
import { SortedList } from "./sorted-list.ts";

interface Item {
  readonly at: number;
}

const byAt = (a: Item, b: Item) => a.at - b.at;

/** The numbers from 0 to `count`, in an order that is none: 7919 is prime. */
function scattered(count: number): number[] {
  return Array.from({ length: count }, (_, nth) => (nth * 7919) % count);
}

function listOf(numbers: readonly number[]): SortedList<Item, Item> {
  const list = new SortedList<Item, Item>(byAt);
  for (const at of numbers) list.add({ at });
  return list;
}

const valuesOf = (items: Iterable<Item>) => [...items].map(({ at }) => at);

describe("a sorted list", () => {
  test("has its elements in order, whatever the order they came in", () => {
    const list = listOf(scattered(5_000));
    const sorted = Array.from({ length: 5_000 }, (_, at) => at);
    expect(valuesOf(list.after(undefined))).toEqual(sorted);
    expect(valuesOf(list.before(undefined))).toEqual(sorted.reverse());
    expect(list.size).toBe(5_000);
    expect(list.first?.at).toBe(0);
  });

  test("goes on from any place, whether or not an element is there", () => {
    const list = listOf(scattered(3_000).map((at) => at * 2));
    for (const at of [-1, 0, 1, 1_022, 1_023, 1_024, 1_025, 5_998, 5_999]) {
      const values = Array.from({ length: 3_000 }, (_, nth) => nth * 2);
      const [after, before] = [values.filter((value) => value > at), values.filter((value) => value < at)];
      expect(valuesOf(list.after({ at }))).toEqual(after);
      expect(valuesOf(list.before({ at }))).toEqual(before.reverse());
      expect(list.countBefore({ at })).toBe(before.length);
    }
  });

  test("loses what is deleted, and nothing else", () => {
    const numbers = scattered(4_000);
    const list = listOf(numbers);
    for (const at of numbers.slice(0, 3_500)) list.delete({ at });
    list.delete({ at: numbers[0] ?? 0 });
    const left = numbers.slice(3_500).sort((a, b) => a - b);
    expect(valuesOf(list.after(undefined))).toEqual(left);
    expect(list.size).toBe(500);
    for (const at of left) list.delete({ at });
    expect(list.first).toBeUndefined();
    expect(list.countBefore({ at: 9 })).toBe(0);
  });
});
