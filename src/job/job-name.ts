/** Names that would make a recorder, a module or a token look like something else: a promise, a class, a prototype. */
const RESERVED: ReadonlySet<string> = new Set([
  "then",
  "catch",
  "finally",
  "toJSON",
  "constructor",
  "prototype",
  "__proto__",
]);

const LONGEST_SEGMENT = 100;
// Control characters and halves of a surrogate pair do not survive every store.
const UNSTORABLE = /[\p{Cc}\p{Cs}]/u;

export function isReserved(segment: string): boolean {
  return RESERVED.has(segment);
}

/** Why a text cannot be one segment of a job's name (the entry or the member), or undefined when it can. */
export function segmentProblem(segment: string): string | undefined {
  if (segment === "") return "it is empty";
  if (isReserved(segment)) return "the name is reserved";
  if (segment.includes(".")) return "it holds a dot, which separates the entry from the member";
  if (segment === "*") return '"*" stands for all jobs in the options';
  if (segment.length > LONGEST_SEGMENT) return `it is longer than ${LONGEST_SEGMENT} characters`;
  if (UNSTORABLE.test(segment)) return "it holds a control character or half a surrogate pair";
  return undefined;
}

/** Whether a value is the name of a job: one or two segments, "tidy" or "mail.welcome". */
export function isJobName(value: unknown): value is string {
  if (typeof value !== "string") return false;
  const segments = value.split(".");
  return segments.length <= 2 && segments.every((segment) => segmentProblem(segment) === undefined);
}
