export interface Frame {
  readonly text: string;
  /** Code of the application: not of a package, not of the runtime. */
  readonly own: boolean;
}

export interface Stack {
  readonly own: readonly Frame[];
  readonly foreign: readonly Frame[];
}

const FRAME = /^\s*at\s/;
const FOREIGN = /node_modules[/\\]|\bnode:|\(native\)|<anonymous>|\bbun:|\bext:/;

/** The frames of a stack as V8 and its kin write it. Lines before the first frame repeat the message, and are left out. */
export function readStack(stack: string): Stack {
  const frames = stack
    .split("\n")
    .filter((line) => FRAME.test(line))
    .map((line) => ({ text: line.trim().replace(/^at\s+/, ""), own: !FOREIGN.test(line) }));
  return { own: frames.filter(({ own }) => own), foreign: frames.filter(({ own }) => !own) };
}
