export type {
  PostgresClient,
  PostgresPool,
  PostgresPoolClient,
  PostgresQuery,
  PostgresSource,
  PostgresStorageOptions,
  PostgresTransaction,
} from "./options.ts";
export { InvalidSchemaError } from "./schema.ts";
export { PostgresStorage } from "./storage.ts";
