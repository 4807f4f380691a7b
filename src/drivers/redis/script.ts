import { createHash } from "node:crypto";

/** Marks a template as Lua; backslashes reach Lua as they are written. */
export const lua: typeof String.raw = String.raw;

/** What a script needs of a client: ioredis has it, for one server and for a cluster. */
export interface ScriptRunner {
  evalsha(sha1: string, keys: number, ...args: (string | number)[]): Promise<unknown>;
  eval(text: string, keys: number, ...args: (string | number)[]): Promise<unknown>;
}

/**
 * One transition of the storage as one Lua script: it runs alone from its first to its last command.
 *
 * Redis undoes nothing when a script fails in the middle. Scripts therefore look before they write, and nothing after
 * their first write can fail: no parsing, no key of a foreign type, and out of memory is only told at the first write.
 * What a server writes to its log and to replicas is the whole effect or none of it.
 */
export class Script {
  readonly #text: string;
  readonly #sha1: string;

  /** Fragments share one scope, in the order in which they are given. */
  constructor(...fragments: readonly string[]) {
    this.#text = fragments.join("\n");
    this.#sha1 = createHash("sha1").update(this.#text).digest("hex");
  }

  async run(redis: ScriptRunner, root: string, args: readonly (string | number)[]): Promise<unknown> {
    try {
      return await redis.evalsha(this.#sha1, 1, root, ...args);
    } catch (error) {
      // Unknown to a server that was restarted or has failed over. It has run nothing, so this is no second time.
      if (!isUnknownScript(error)) throw error;
      return await redis.eval(this.#text, 1, root, ...args);
    }
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}

/** `take()` reads the arguments one after another. */
export const ARGUMENTS: string = lua`
local argument = 0
local function take()
  argument = argument + 1
  return ARGV[argument]
end
`;

/** A text as Lua writes it: between long brackets nothing is escaped. */
export function quoted(text: string): string {
  return `[==[${text}]==]`;
}

/** Jobs that one script may touch: it takes at most 3 ms, and nobody else is served meanwhile. */
export const JOBS_IN_ONE_SCRIPT = 100;

/** What a script reads of texts, or answers, after which it begins nothing more: large jobs are not to make it long. */
export const BYTES_IN_ONE_SCRIPT = 1_048_576;

/** A verb of the contract: what its script is given, and what its reply means. */
export interface Verb<Request, Answer> {
  /** Completes the sentence "the storage failed to …". */
  readonly doing: string;
  readonly script: Script;
  /**
   * - `read`: it writes nothing, so that it may be asked again when its answer was lost.
   * - `write`: it writes, and nobody is told.
   * - `transition`: its first argument says who asks, and its reply is a pair: the answer, and what there is to tell.
   */
  readonly kind: "read" | "write" | "transition";
  /** How many rows the request carries, where it is the caller who decides. */
  readonly rows?: (request: Request) => number;
  readonly args: (request: Request) => readonly (string | number)[];
  readonly answer: (reply: unknown, request: Request) => Answer;
}
