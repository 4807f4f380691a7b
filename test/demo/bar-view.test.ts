import { expect, it } from "vitest";
import { BarView } from "../../examples/demo/bar-view.ts";

const progress = {
  done: 30,
  total: 60,
  perSecond: 12.4,
  inProgress: 20,
  retries: 1,
  takenOver: 0,
  now: "src/server/server.ts is done",
};

class Terminal {
  columns: number;
  written: string[] = [];
  constructor(columns: number) {
    this.columns = columns;
  }
  write(text: string): void {
    this.written.push(text);
  }
}

const ERASE = "\x1b[J";

/** What is seen below the point up to which the last writing erased. */
const shown = (terminal: Terminal) => terminal.written.at(-1)?.split(ERASE).at(-1);

it("shows a bar, the numbers and what happens", () => {
  const terminal = new Terminal(120);
  new BarView(terminal).show(progress);
  expect(shown(terminal)).toBe(
    `${"█".repeat(15)}${"░".repeat(15)}  30/60 jobs  12/s  20 in progress  1 retry  src/server/server.ts is done`,
  );
});

it.each([100, 80, 60, 40, 20])("stays on one line of %i columns", (columns) => {
  const terminal = new Terminal(columns);
  new BarView(terminal).show(progress);
  expect(shown(terminal)?.length).toBeLessThan(columns);
  expect(shown(terminal)).toContain("30/60 jobs");
});

it("erases all rows that a line takes since the terminal was made narrower", () => {
  const terminal = new Terminal(100);
  const view = new BarView(terminal);
  view.show(progress);
  terminal.columns = 40;
  view.show(progress);
  expect(terminal.written.at(-1)).toMatch(`\r\x1b[2A${ERASE}30/60 jobs`);
});

it("keeps the bar below what stays", () => {
  const terminal = new Terminal(60);
  const view = new BarView(terminal);
  view.show(progress);
  view.note("something happened");
  expect(terminal.written.at(-1)).toMatch(`\r${ERASE}something happened\n30/60 jobs`);
});
