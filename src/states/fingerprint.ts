import { createHash } from "node:crypto";
import type { ErrorSummary } from "./error-summary.ts";

/** As the contract keeps it. */
const CHARS = 16;
const MESSAGE_CHARS = 500;

/**
 * What tells whether two failures are the same: the class, the message without what differs from run to run (ids,
 * numbers, quoted values), and the first frame of the application's own code, by function and file: a line moves with
 * every change of the file.
 */
export function fingerprintOf({ type, message, code, stack }: ErrorSummary): string {
  const text = [type, code ?? "", normalized(message), ownFrame(stack ?? "")].join("\n");
  return createHash("sha256").update(text).digest("hex").slice(0, CHARS);
}

function normalized(message: string): string {
  return message
    .slice(0, MESSAGE_CHARS)
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|0x[0-9a-f]+|[0-9a-f]{16,}/gi, "#")
    .replaceAll(/"[^"]*"|'[^']*'|`[^`]*`/g, "#")
    .replaceAll(/\d+(?:\.\d+)*/g, "#");
}

/** Frames of Node and of packages are not where somebody would look first. */
function ownFrame(stack: string): string {
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  const own = frames.find((frame) => !/node:|[\\/]node_modules[\\/]/.test(frame)) ?? frames[0] ?? "";
  return own.trim().replace(/(?:[^\s(]*[\\/])?([^\\/()]*?)(?::\d+){1,2}\)?$/, "$1");
}
