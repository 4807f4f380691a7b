export type { MysqlStorageOptions, MysqlTarget } from "./options.ts";
export { MysqlStorage } from "./storage.ts";
