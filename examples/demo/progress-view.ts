import type { WriteStream } from "node:tty";
import { BarView } from "./bar-view.ts";
import { LineView } from "./line-view.ts";
import type { ProgressView } from "./progress.ts";

/** A bar that redraws itself on a terminal, plain lines in a file or a pipe. */
export function createView(out: WriteStream = process.stdout): ProgressView {
  return out.isTTY ? new BarView(out) : new LineView(out);
}
