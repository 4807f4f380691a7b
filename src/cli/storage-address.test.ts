import { describe, expect, it } from "vitest";
import { readAddress } from "./storage-address.ts";

describe("an address", () => {
  it.each([
    ["postgres://h/db", "postgres", "postgres://h/db"],
    ["postgresql://u:p@h:1/db?sslmode=require", "postgres", "postgresql://u:p@h:1/db?sslmode=require"],
    ["mysql://h/db", "mysql", "mysql://h/db"],
    ["mariadb://h/db", "mysql", "mariadb://h/db"],
    ["redis://h", "redis", "redis://h"],
    ["REDISS://h", "redis", "REDISS://h"],
    ["sqlite:./jobs.db", "sqlite", "./jobs.db"],
    ["sqlite:/var/jobs.db", "sqlite", "/var/jobs.db"],
    ["sqlite:///var/jobs.db", "sqlite", "/var/jobs.db"],
    ["jobs.db", "sqlite", "jobs.db"],
    ["C:\\data\\jobs.db", "sqlite", "C:\\data\\jobs.db"],
    ["../a b/jobs.db", "sqlite", "../a b/jobs.db"],
  ])("%s", (address, engine, place) => {
    expect(readAddress(address)).toEqual({ engine, place });
  });

  it.each([
    ["sqlite:", "names no file"],
    ["", "names no file"],
    [":memory:", "in the process that made it"],
    ["sqlite::memory:", "in the process that made it"],
    ["pstgres://u:s3cret@h/db", 'pstgres://. Did you mean "postgres"?'],
    ["mongodb://u:s3cret@h/db", "mongodb://. What fits"],
    ["u:s3cret@h:5432/db", "does not say of which kind"],
  ])("%j is refused, and no password repeated", (address, words) => {
    expect(() => readAddress(address)).toThrow(words);
    expect(() => readAddress(address)).toThrow(/^(?!.*s3cret)/s);
  });
});
