export type { RedisSource, RedisStorageOptions } from "./options.ts";
export { RedisStorage } from "./storage.ts";
