import type { Signal, SignalListener } from "../../storage/index.ts";
import { lua } from "./script.ts";

/**
 * What a script has to tell, as one message: published by the script itself, so that nothing is told before it is
 * written and nothing that is written stays untold, and answered to the caller, who tells those of its own process.
 * A user without the right to publish still writes: others then find out by polling.
 */
export const TELL: string = lua`
local news = { ready = {} }

local function tellDue(at)
  if not news.due or at < news.due then news.due = at end
end

local function tellRecurring(at)
  if not news.recurring or at < news.recurring then news.recurring = at end
end

local function publish()
  local queues = {}
  for queue in pairs(news.ready) do queues[#queues + 1] = queue end
  news.ready = #queues > 0 and queues or nil
  if not next(news) then return '' end
  if news.due then news.due = string.format('%d', news.due) end
  if news.recurring then news.recurring = string.format('%d', news.recurring) end
  local text = cjson.encode(news)
  redis.pcall('PUBLISH', root .. ':signals', origin .. ' ' .. text)
  return text
end
`;

type Bare = "finished" | "parked" | "released" | "changed";
const BARE: readonly Bare[] = ["finished", "parked", "released"];

/** Gathers what writes have to tell, whoever made them, and tells it once a turn. */
export class SignalHub {
  readonly #listeners: Set<SignalListener> = new Set();
  readonly #readyQueues: Set<string> = new Set();
  readonly #bare: Set<Bare> = new Set();
  readonly #instants: Map<"due" | "recurring", number> = new Map();
  #planned = false;

  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  subscribe(listener: SignalListener): () => void {
    // An entry of its own: the same function subscribed twice is heard twice and ended once.
    const entry: SignalListener = (signal) => listener(signal);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Takes in the message of one write. Anything else than a script has written is passed over: it is only a hint. */
  take(message: string): void {
    if (!this.isHeard || message === "") return;
    const news = parse(message);
    const queues = news.get("ready");
    if (Array.isArray(queues)) for (const queue of queues) this.#readyQueues.add(String(queue));
    for (const kind of BARE) if (news.get(kind) === true) this.#bare.add(kind);
    for (const kind of ["due", "recurring"] as const) this.#takeInstant(kind, Number(news.get(kind)));
    this.#plan();
  }

  /** Something may have been written of which nothing was heard. */
  changed(): void {
    this.#bare.add("changed");
    this.#plan();
  }

  close(): void {
    this.#listeners.clear();
  }

  #takeInstant(kind: "due" | "recurring", at: number): void {
    if (Number.isFinite(at)) this.#instants.set(kind, Math.min(at, this.#instants.get(kind) ?? at));
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    queueMicrotask(() => this.#tell());
  }

  #tell(): void {
    const signals: Signal[] = [...this.#bare].map((kind) => ({ kind }));
    if (this.#readyQueues.size > 0) signals.push({ kind: "ready", queues: [...this.#readyQueues] });
    for (const [kind, at] of this.#instants) signals.push({ kind, at });
    this.#bare.clear();
    this.#readyQueues.clear();
    this.#instants.clear();
    this.#planned = false;
    for (const signal of signals) for (const listener of [...this.#listeners]) listener(signal);
  }
}

function parse(message: string): ReadonlyMap<string, unknown> {
  try {
    const news: unknown = JSON.parse(message);
    return new Map(typeof news === "object" && news !== null ? Object.entries(news) : []);
  } catch {
    return new Map();
  }
}
