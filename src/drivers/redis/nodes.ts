import { type Cluster, Redis, type RedisOptions } from "ioredis";

/** Where a server listens. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** More are not remembered: a cluster whose nodes come and go must not make the list grow. */
const MOST = 100;

/**
 * Which node a connection is made to next. Each node of a cluster knows where the keys are, so that after a failover any
 * of those that were ever heard of will do: they are tried in turn, until one answers and leads on.
 */
export class Nodes {
  readonly #settings: RedisOptions;
  readonly #known: Place[] = [];
  #led: Place | undefined;

  constructor(client: Redis, others: readonly Place[]) {
    this.#settings = client.options;
    const { path, sentinels } = client.options;
    // A socket or a sentinel says by itself where to go.
    if (!path && !sentinels) for (const place of [...others, placeOf(client.options)]) this.#remember(place);
    client.on("close", () => this.#turn());
  }

  /** The next connection goes there. */
  lead(place: Place): void {
    this.#led = place;
    this.#remember(place);
  }

  #turn(): void {
    const next = this.#led ?? this.#known.shift();
    this.#led = undefined;
    if (next === undefined) return;
    Object.assign(this.#settings, { host: next.host, port: next.port });
    this.#remember(next);
  }

  /** At the end: it is the last to be tried again. */
  #remember(place: Place): void {
    const at = this.#known.findIndex(({ host, port }) => host === place.host && port === place.port);
    if (at !== -1) this.#known.splice(at, 1);
    this.#known.push(place);
    if (this.#known.length > MOST) this.#known.shift();
  }
}

/** What a client of a cluster says of its nodes: those that it was made with, and those that it has found. */
export function nodesOf(client: Cluster): RedisOptions[] {
  // Not public, and nothing else knows them before the client has connected.
  const given: unknown = Reflect.get(client, "startupNodes");
  const found = client.nodes().map(({ options }) => placeOf(options));
  return [...(Array.isArray(given) ? given.flatMap(settingsOf) : []), ...found];
}

function placeOf({ host = "localhost", port = 6379 }: RedisOptions): Place {
  return { host, port };
}

/** A port, a URL or an object; what a URL says, ioredis alone knows. */
function settingsOf(node: unknown): RedisOptions[] {
  if (typeof node === "number") return [{ host: "127.0.0.1", port: node }];
  if (typeof node === "object" && node !== null) return [node];
  if (typeof node !== "string") return [];
  const { options } = new Redis(node, { lazyConnect: true });
  const { username, password } = options;
  return [{ ...placeOf(options), ...(username ? { username } : {}), ...(password ? { password } : {}) }];
}
