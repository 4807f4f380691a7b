export type { Synchronous } from "./connection.ts";
export { SqliteStorage, type SqliteStorageOptions } from "./storage.ts";
