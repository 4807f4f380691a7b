import { once } from "node:events";
import { Worker as Thread } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { following, StartGate } from "./start-gate.ts";

/** Enough to meet in every order, few enough for a moment. */
const RUNS = 200_000;

describe("StartGate", () => {
  it("lets each run pass once, in their order", () => {
    const gate = new StartGate();
    expect([gate.pass(1), gate.pass(0), gate.pass(0), gate.pass(1)]).toEqual([false, true, false, true]);
    expect(gate.next).toBe(2);
  });

  it("shuts out what has not begun, and says which was the first of it", () => {
    const gate = new StartGate();
    gate.pass(0);
    expect(gate.closeUntil(3)).toBe(1);
    expect([gate.pass(1), gate.pass(2), gate.pass(3)]).toEqual([false, false, true]);
    expect(gate.closeUntil(4)).toBe(4);
  });

  it("counts on when the numbers wrap", () => {
    const most = 2 ** 31 - 1;
    const gate = new StartGate();
    gate.closeUntil(most);
    const after = following(most);
    expect(after).toBe(-(2 ** 31));
    expect([gate.pass(most), gate.pass(after)]).toEqual([true, true]);
    expect(gate.closeUntil(following(after))).toBe(following(after));
  });

  it("lets a run pass or shuts it out, never both and never neither, whoever is faster", async () => {
    const gate = new StartGate();
    const race = { passed: shared(RUNS), out: shared(RUNS), given: new Int32Array(new SharedArrayBuffer(4)) };
    const thread = passing(gate, race);
    await once(thread, "message");
    const ended = once(thread, "exit");
    shutOut(gate, race);
    await ended;
    const wrong = race.passed.filter((times, run) => times + (race.out[run] ?? 0) !== 1);
    expect(wrong).toHaveLength(0);
    const passed = race.passed.reduce((sum, times) => sum + times, 0);
    expect(passed).toBeGreaterThan(0);
    expect(passed).toBeLessThan(RUNS);
  });
});

interface Race {
  /** How often each run passed, and was shut out. */
  readonly passed: Uint8Array;
  readonly out: Uint8Array;
  /** As many runs were given. */
  readonly given: Int32Array;
}

function shared(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}

/** Gives a few runs a round, lets the thread begin one of them in every other round, and shuts out the rest. */
function shutOut(gate: StartGate, { out, given }: Race): void {
  for (let end = 0, round = 0; end < RUNS; round++) {
    const first = end;
    end = Math.min(RUNS, end + 1 + (round % 7));
    Atomics.store(given, 0, end);
    while (round % 2 === 0 && gate.next === first);
    for (let run = gate.closeUntil(end); run < end; run++) out[run] = (out[run] ?? 0) + 1;
  }
}

/** A thread that passes whatever run is next and given, until there are no more. */
function passing(gate: StartGate, { passed, given }: Race): Thread {
  const code = `
    const { parentPort, workerData } = require("node:worker_threads");
    import(workerData.source).then(({ StartGate }) => {
      const { memory, passed, given } = workerData;
      const gate = new StartGate(memory);
      parentPort.postMessage("ready");
      for (let run = 0; run < passed.length; run = gate.next) {
        if (run < Atomics.load(given, 0) && gate.pass(run)) passed[run]++;
      }
    });`;
  const source = new URL("./start-gate.ts", import.meta.url).href;
  return new Thread(code, { eval: true, workerData: { source, memory: gate.memory, passed, given } });
}
