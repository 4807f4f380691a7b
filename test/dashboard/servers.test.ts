/** What depends on the engine, on those that need a server: every route of the API, and operations. */
import { test } from "vitest";
import { reach } from "../contract/mysql-server.ts";
import { describeOperations } from "../lifecycle/operation-suite.ts";
import { Workbench } from "../lifecycle/workbench.ts";
import { POSTGRES_URL } from "../postgres-schema.ts";
import { REDIS_URL } from "../redis-place.ts";
import { postgresServer } from "../servers/postgres-server.ts";
import { redisServer } from "../servers/redis-server.ts";
import { describeEveryRoute } from "./every-route.ts";

const SERVERS = [
  ["PostgreSQL", await postgresServer.answers(POSTGRES_URL), () => Workbench.onPostgres()],
  ["MySQL", (await reach()) === undefined, () => Workbench.onMysql()],
  ["Redis", await redisServer.answers(REDIS_URL), () => Workbench.onRedis()],
] as const;

for (const [name, answers, open] of SERVERS) {
  if (answers) {
    describeEveryRoute(name, open);
    describeOperations(name, open);
  } else test.skip(`${name}: no server answers`, () => {});
}
