import { beforeEach, describe, expect, it } from "vitest";
import { RecordingLogger } from "../../../test/lifecycle/recording-logger.ts";
import { delist, enlist, type NamedServer } from "./active-servers.ts";

const logger = new RecordingLogger();
let told: string[] = [];

function server(id: string, over: Partial<NamedServer> = {}): NamedServer {
  return { name: "web", storage: "sqlite:/jobs.db", logger, takeOver: () => void told.push(id), ...over };
}

describe("servers of one name in one process", () => {
  beforeEach(() => {
    told = [];
    logger.lines.length = 0;
  });

  it("stand in line: the first fetches, the next takes over when it stops", () => {
    const [first, second, third] = [server("first"), server("second"), server("third")];
    expect([first, second, third].map(enlist)).toEqual([true, false, false]);
    delist(first);
    expect(told).toEqual(["second"]);
    delist(second);
    expect(told).toEqual(["second", "third"]);
    delist(third);
    expect(enlist(first)).toBe(true);
    delist(first);
  });

  it("leave the line without a word when they are not the first", () => {
    const [first, second, third] = [server("first"), server("second"), server("third")];
    for (const one of [first, second, third]) enlist(one);
    delist(second);
    expect(told).toEqual([]);
    delist(first);
    expect(told).toEqual(["third"]);
    delist(third);
  });

  it("are told apart by name and by storage", () => {
    const all = [server("a"), server("b", { name: "jobs" }), server("c", { storage: "sqlite:/other.db" })];
    expect(all.map(enlist)).toEqual([true, true, true]);
    for (const one of all) delist(one);
    expect(told).toEqual([]);
  });

  it("warn once, naming server and storage", () => {
    const [first, second] = [server("first"), server("second")];
    enlist(first);
    enlist(second);
    expect(logger.texts("warn")).toHaveLength(1);
    expect(logger.texts("warn")[0]).toMatch(/"web".*sqlite:\/jobs\.db/);
    delist(second);
    delist(first);
  });

  it("stand in one line although the module was evaluated twice", async () => {
    const copy: typeof import("./active-servers.ts") = await import(
      /* @vite-ignore */ new URL("./active-servers.ts?copy", import.meta.url).href
    );
    expect(copy.enlist).not.toBe(enlist);
    const [first, second] = [server("first"), server("second")];
    expect(enlist(first)).toBe(true);
    expect(copy.enlist(second)).toBe(false);
    delist(first);
    expect(told).toEqual(["second"]);
    copy.delist(second);
  });

  it("are not disturbed by one that was never in line", () => {
    const [first, stranger] = [server("first"), server("stranger")];
    enlist(first);
    delist(stranger);
    expect(told).toEqual([]);
    expect(enlist(server("second"))).toBe(false);
    delist(first);
  });
});
