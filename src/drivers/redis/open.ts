import type { Redis } from "ioredis";
import { type Durability, InvalidStorageOptionsError, StorageFailedError } from "../../storage/index.ts";
import { requireRights } from "./rights.ts";

const OLDEST = [6, 2] as const;

/** What a server says of itself, as far as its user may ask. */
interface ServerSettings {
  readonly version: string;
  readonly policy: string;
  readonly appendonly: boolean;
  /** Undefined where CONFIG may not be asked. */
  readonly appendfsync: string | undefined;
}

/** What is opened: its name for people, and the key that all its keys begin with. */
export interface Opened {
  readonly name: string;
  readonly root: string;
  readonly allowEviction: boolean;
}

/** Looks at the server before any job is written to it; how durable it is set. */
export async function inspect(redis: Redis, { name, root, allowEviction }: Opened): Promise<Durability> {
  const settings = await readSettings(redis);
  refuseOld(settings.version, name);
  if (!allowEviction) refuseEviction(settings.policy, name);
  await requireRights(redis, name, root);
  return durabilityOf(settings);
}

async function readSettings(redis: Redis): Promise<ServerSettings> {
  const info = await redis.info();
  const field = (key: string): string => new RegExp(`^${key}:(.*?)\r?$`, "m").exec(info)?.[1] ?? "";
  const policy = (await setting(redis, "maxmemory-policy")) ?? field("maxmemory_policy");
  const appendonly = (await setting(redis, "appendonly")) ?? (field("aof_enabled") === "1" ? "yes" : "no");
  return {
    version: field("redis_version"),
    policy,
    appendonly: appendonly === "yes",
    appendfsync: await setting(redis, "appendfsync"),
  };
}

/** Hosted servers refuse CONFIG: then INFO has to do. */
async function setting(redis: Redis, key: string): Promise<string | undefined> {
  try {
    const answer: unknown = await redis.call("CONFIG", "GET", key);
    const found: unknown = Array.isArray(answer) ? answer[1] : Object(answer)[key];
    return typeof found === "string" ? found : undefined;
  } catch (error) {
    if (isRefused(error)) return undefined;
    throw error;
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && /^(?:NOPERM|ERR unknown command)/i.test(error.message);
}

function refuseOld(version: string, name: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw new StorageFailedError(
    name,
    "open",
    new Error(`its version is ${version}, and ${OLDEST.join(".")} is needed`),
  );
}

function refuseEviction(policy: string, name: string): void {
  if (policy === "noeviction" || policy === "") return;
  throw new InvalidStorageOptionsError(
    `The storage ${name} has maxmemory-policy ${policy}: it may remove jobs when memory runs out.`,
    "Set maxmemory-policy to noeviction, or make the storage with { allowEviction: true } to take the risk.",
  );
}

/** What a resolved write has survived: see `docs/guide/redis.md`. */
function durabilityOf({ appendonly, appendfsync }: ServerSettings): Durability {
  if (!appendonly) return { level: "os", setting: "appendonly=no: in the memory of the server" };
  if (appendfsync === undefined) return { level: "os", setting: "appendonly=yes, appendfsync not readable" };
  return {
    level: appendfsync === "always" ? "fsync" : "os",
    setting: `appendonly=yes, appendfsync=${appendfsync}`,
  };
}
