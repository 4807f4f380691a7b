import { expect, test } from "vitest";
import { OptionTable } from "./option-table.ts";

test("a producer without a registry finds the options of a stored name", () => {
  const table = new OptionTable({
    "*": { queue: "all" },
    mail: { "*": { priority: 2 }, welcome: { queue: "mail" } },
    tidy: { priority: 3 },
  });
  expect(table.forName("mail.welcome")).toMatchObject({ queue: "mail", priority: 2 });
  expect(table.forName("mail.other")).toMatchObject({ queue: "all", priority: 2 });
  expect(table.forName("tidy")).toMatchObject({ queue: "all", priority: 3 });
  expect(table.forName("unknown.job")).toMatchObject({ queue: "all", priority: 0 });
  expect(table.forName("toString")).toMatchObject({ queue: "all" });
});

test("no table means the defaults", () => {
  expect(new OptionTable().forName("any")).toMatchObject({ queue: "default", priority: 0 });
});
