export type {
  MysqlCallbackConnection,
  MysqlStatement,
  MysqlStorageOptions,
  MysqlTarget,
  MysqlTransaction,
} from "./options.ts";
export { MysqlStorage } from "./storage.ts";
