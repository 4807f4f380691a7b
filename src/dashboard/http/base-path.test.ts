import { expect, test } from "vitest";
import { checkBasePath, placeOf } from "./base-path.ts";

const NOTHING = { option: undefined, mounted: undefined, forwarded: undefined };

test.each([
  ["at the root", "/jobs/1", {}, "/jobs/1", "/"],
  ["mounted", "/admin/jobs/1", { mounted: "/admin" }, "/jobs/1", "/admin/"],
  ["mounted twice", "/a/b/jobs", { mounted: "/a/b/" }, "/jobs", "/a/b/"],
  ["the mount itself", "/admin", { mounted: "/admin" }, "/", "/admin/"],
  ["slashes at the end", "/admin/jobs///", { mounted: "/admin" }, "/jobs", "/admin/"],
  [
    "a path that only begins alike",
    "/administration/x",
    { mounted: "/admin" },
    "/administration/x",
    "/admin/",
  ],
  [
    "a prefix that a proxy cut off",
    "/admin/jobs",
    { mounted: "/admin", forwarded: "/ops" },
    "/jobs",
    "/ops/admin/",
  ],
  ["a prefix that it did not cut off", "/ops/x", { mounted: "/ops", forwarded: "/ops" }, "/x", "/ops/"],
  ["a prefix and no mount", "/jobs", { forwarded: "/ops" }, "/jobs", "/ops/"],
  [
    "a prefix to another host",
    "/jobs",
    { mounted: "/m", forwarded: "//evil.example" },
    "/jobs",
    "/evil.example/m/",
  ],
  ["a prefix with quotes", "/m/jobs", { mounted: "/m", forwarded: '/"><script>' }, "/jobs", "/m/"],
  ["a prefix that climbs", "/m/jobs", { mounted: "/m", forwarded: "/../x" }, "/jobs", "/m/"],
  ["an option", "/seen/jobs", { option: "/seen", mounted: "/m", forwarded: "/ops" }, "/jobs", "/seen/"],
  ["an option, cut off before", "/m/jobs", { option: "/seen", mounted: "/m" }, "/jobs", "/seen/"],
])("%s", (_, pathname, sources, path, base) => {
  expect(placeOf(pathname, { ...NOTHING, ...sources })).toEqual({ path, base });
});

test("an option is a path of plain segments", () => {
  expect([checkBasePath("admin/jobs/"), checkBasePath("/"), checkBasePath("")]).toEqual([
    "/admin/jobs",
    "",
    "",
  ]);
  for (const path of ["/a b", "https://x", "/a/../b", "/ä", 7])
    expect(() => checkBasePath(path)).toThrow(expect.objectContaining({ code: "FL_INVALID_OPTIONS" }));
});
