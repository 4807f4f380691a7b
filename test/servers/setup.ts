/** Before the tests that need servers: finds them or starts them, and says in a line for each where they are. */
import { mysqlServer } from "./mysql-server.ts";
import { postgresServer } from "./postgres-server.ts";
import { provideServer } from "./provide-server.ts";
import { redisServer } from "./redis-server.ts";

const KINDS = [postgresServer, redisServer, mysqlServer];
/** They need no server. */
const EMBEDDED = ["sqlite", "memory"];

export default async function setup(): Promise<() => Promise<void>> {
  const wanted = wantedNames();
  const kinds = KINDS.filter(({ name }) => wanted === undefined || wanted.includes(name));
  const provided = await Promise.all(kinds.map(provideServer));
  for (const [at, { url, note }] of provided.entries()) {
    console.log(note);
    const variable = kinds[at]?.variable;
    if (url !== undefined && variable !== undefined) process.env[variable] = url;
  }
  return async () => {
    await Promise.all(provided.map(({ stop }) => stop?.()));
  };
}

/** TEST_STORAGES=sqlite,postgres picks a part; undefined: all. */
function wantedNames(): readonly string[] | undefined {
  const names = process.env.TEST_STORAGES?.split(",").map((name) => name.trim());
  const known = [...EMBEDDED, ...KINDS.map(({ name }) => name)];
  const unknown = names?.filter((name) => !known.includes(name)) ?? [];
  if (unknown.length > 0)
    throw new Error(`TEST_STORAGES names ${unknown.join(", ")}; there are ${known.join(", ")}`);
  return names;
}
