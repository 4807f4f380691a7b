import { afterAll, describe, test } from "vitest";
import { storageContract, TRANSACTION_SECTIONS } from "../../src/testing/contract/index.ts";
import { LEVELS, openBeside } from "./mysql-callers.ts";
import { dropDatabases, reach } from "./mysql-server.ts";

const unreachable = await reach();

if (unreachable !== undefined) {
  test.skip(`MySQL: no server answers at MYSQL_URL or 127.0.0.1:3306 (${unreachable})`, () => {});
} else {
  afterAll(dropDatabases);
  storageContract({ describe, test }, { open: () => open("REPEATABLE READ") });
  for (const level of LEVELS.slice(0, 1)) {
    describe(`transactions of callers at ${level}`, () => {
      storageContract({ describe, test }, { open: () => open(level) }, { sections: TRANSACTION_SECTIONS });
    });
  }
}

async function open(level: (typeof LEVELS)[number]) {
  const opened = await openBeside();
  return {
    storage: opened.storage,
    another: opened.another,
    begin: () => opened.begun(level),
    dispose: async () => await opened[Symbol.asyncDispose](),
  };
}
