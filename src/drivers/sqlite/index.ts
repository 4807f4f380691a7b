export type { Synchronous } from "./connection.ts";
export type { SqliteStorageOptions } from "./options.ts";
export { SqliteStorage } from "./storage.ts";
