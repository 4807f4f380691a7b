import { BackgroundJobClient, defineJobs, RecurringJobManager } from "firelater";
import { MemoryStorage } from "firelater/memory";
import { expect, test } from "vitest";
import { mail, Reports, tidy } from "./fixtures.ts";

/** The mistakes of refused.ts that no type can tell. */
const parts = { storage: new MemoryStorage(), jobs: defineJobs({ mail, Reports, tidy }) };
const client = new BackgroundJobClient(parts);
const recurring = new RecurringJobManager(parts);

function refused(code: string, text: string): Error {
  return expect.objectContaining({ code, message: expect.stringContaining(text) });
}

test("14: an AbortSignal inside an argument", async () => {
  const { signal } = new AbortController();
  const stored = client.enqueue((j) => j.mail.sig("x", { signal }));
  await expect(stored).rejects.toThrow(
    refused("FL_UNSTORABLE_ARGUMENT", "arguments[1].signal belongs to this process"),
  );
});

test("17: a function in an option", async () => {
  const stored = client.enqueue((j) => j.mail.opt({ name: "x", onProgress: () => {} }));
  await expect(stored).rejects.toThrow(
    refused("FL_UNSTORABLE_ARGUMENT", "arguments[0].onProgress is a function"),
  );
});

test("21: a promise as an argument, whose own failure then crashes nothing", async () => {
  const stored = client.enqueue((j) => j.mail.any(Promise.reject(new Error("no network")), 1));
  await expect(stored).rejects.toThrow(
    refused("FL_UNSTORABLE_ARGUMENT", "arguments[0] is a promise. Await it first"),
  );
});

test("25: an option of the right type and a wrong form", () => {
  expect(() =>
    defineJobs({ mail, Reports, tidy }, { mail: { welcome: { timeout: "30 s" as "30s" } } }),
  ).toThrow(refused("FL_INVALID_DURATION", "30 s"));
});

test("42: a text that is no cron expression", async () => {
  const added = recurring.addOrUpdate("a", (j) => j.tidy(1), "every day");
  await expect(added).rejects.toThrow(refused("FL_INVALID_CRON", "It has 2 fields, not 5 or 6"));
});

test("43: a time zone that there is not", async () => {
  const added = recurring.addOrUpdate("a", (j) => j.tidy(1), "@daily", { timeZone: "Europe/Pariss" });
  await expect(added).rejects.toThrow(refused("FL_UNKNOWN_TIME_ZONE", 'Did you mean "Europe/Paris"?'));
});

test("and a good call is stored", async () => {
  const id = await client.enqueue((j) => j.mail.welcome("user@example.com"));
  expect(await client.get(id)).toMatchObject({ name: "mail.welcome", arguments: ["user@example.com"] });
  expect(await recurring.addOrUpdate("a", (j) => j.tidy(1), "@daily", { timeZone: "Europe/Paris" })).toBe(
    "added",
  );
});
