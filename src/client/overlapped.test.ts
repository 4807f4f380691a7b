import { describe, expect, it } from "vitest";
import { overlapped } from "./overlapped.ts";

describe("overlapped", () => {
  const story: string[] = [];
  const tell = (line: string) => story.push(line);
  const told = () => story.splice(0);

  function* made(count: number): Generator<number, void, void> {
    try {
      for (let nth = 1; nth <= count; nth++) {
        tell(`made ${nth}`);
        yield nth;
      }
    } finally {
      tell("closed");
    }
  }

  const stored = async (chunk: number) => {
    tell(`begun ${chunk}`);
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    tell(`stored ${chunk}`);
  };

  it("makes the next chunk while one is stored, and stores one at a time", async () => {
    await overlapped(made(3), stored);
    expect(told()).toEqual([
      ...["made 1", "begun 1", "made 2", "stored 1", "begun 2", "made 3"],
      ...["stored 2", "begun 3", "closed", "stored 3"],
    ]);
  });

  it("stores several at once where it may", async () => {
    await overlapped(made(3), stored, 2);
    const lines = told();
    expect(lines.indexOf("begun 2")).toBeLessThan(lines.indexOf("stored 1"));
    expect(lines.indexOf("begun 3")).toBeGreaterThan(lines.indexOf("stored 1"));
    expect(lines.filter((line) => line.startsWith("begun"))).toEqual(["begun 1", "begun 2", "begun 3"]);
  });

  it("ends with the first of several errors, with nothing under way", async () => {
    const failing = async (chunk: number) => {
      await stored(chunk);
      throw new Error(`refused ${chunk}`);
    };
    await expect(overlapped(made(3), failing, 2)).rejects.toThrow("refused 1");
    expect(told()).toEqual(expect.arrayContaining(["stored 1", "stored 2", "closed"]));
  });

  it("ends with the first error, with nothing under way", async () => {
    const failing = async (chunk: number) => {
      await stored(chunk);
      if (chunk === 1) throw new Error("refused");
    };
    await expect(overlapped(made(3), failing)).rejects.toThrow("refused");
    expect(told()).toEqual(["made 1", "begun 1", "made 2", "stored 1", "closed"]);
  });

  it("waits for what is on its way when a chunk cannot be made", async () => {
    function* broken(): Generator<number, void, void> {
      yield 1;
      throw new Error("no such call");
    }
    await expect(overlapped(broken(), stored)).rejects.toThrow("no such call");
    expect(told()).toEqual(["begun 1", "stored 1"]);
  });

  it("takes nothing ahead of a source that waits itself", async () => {
    async function* streamed(): AsyncGenerator<number, void, void> {
      yield* made(2);
    }
    await overlapped(streamed(), stored);
    expect(told()).toEqual(["made 1", "begun 1", "stored 1", "made 2", "begun 2", "stored 2", "closed"]);
  });
});
