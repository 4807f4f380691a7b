import { userInfo } from "node:os";
import type { PostgresSource } from "./options.ts";

/** As psql does: who names no user is the user of the system. pg takes USER from the environment, which services lack. */
export function withUser(url: string): string {
  if (process.env.PGUSER || process.env.USER || !URL.canParse(url)) return url;
  const parsed = new URL(url);
  if (parsed.username === "" && !parsed.searchParams.has("user")) parsed.username = userInfo().username;
  return parsed.href;
}

/** The place of the jobs for people and for comparing: no user, no password, no settings. */
export function placeOf(source: PostgresSource, schema: string): string {
  const { host, port, database } = typeof source === "string" ? partsOfUrl(source) : partsOfPool(source.pool);
  return `postgres://${host}:${port}/${database} ${schema}`;
}

interface Parts {
  readonly host: string;
  readonly port: string;
  readonly database: string;
}

function partsOfUrl(text: string): Parts {
  const url = new URL(text);
  return {
    host: url.searchParams.get("host") ?? (url.hostname || "localhost"),
    port: url.port || "5432",
    database: decodeURIComponent(url.pathname.slice(1)) || "postgres",
  };
}

function partsOfPool(pool: object): Parts {
  const options: unknown = Reflect.get(pool, "options");
  const given = new Map(typeof options === "object" && options !== null ? Object.entries(options) : []);
  const url: unknown = given.get("connectionString");
  if (typeof url === "string" && URL.canParse(url)) return partsOfUrl(url);
  return {
    host: String(given.get("host") ?? process.env.PGHOST ?? "localhost"),
    port: String(given.get("port") ?? process.env.PGPORT ?? 5432),
    database: String(given.get("database") ?? process.env.PGDATABASE ?? "postgres"),
  };
}
