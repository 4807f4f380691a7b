import { describe, expect, it } from "vitest";
import { judgePage } from "./page.ts";

const judged = (text: string, path = "web/src/pages/jobs/page.tsx") =>
  judgePage(new Map([[path, text]])).length;

describe("the dashboard's page", () => {
  it("takes types of the API, its own files and packages", () => {
    expect(judged('import type { Job } from "../../../../src/dashboard/api/index.ts";')).toBe(0);
    expect(judged('import { Icon } from "../../parts/icon.tsx";\nimport "react";')).toBe(0);
  });

  it.each([
    'import { Job } from "../../../../src/dashboard/api/index.ts";',
    'import type { Job } from "../../../../src/dashboard/api/job.ts";',
    'import type { JobRecord } from "../../../../src/storage/index.ts";',
    'import { makeJobs } from "../../../fixture/make-jobs.ts";',
  ])("must not: %s", (text) => {
    expect(judged(text)).toBe(1);
  });

  it("its tests may use the fixture", () => {
    expect(
      judged('import { makeJobs } from "../../../fixture/make-jobs.ts";', "web/src/pages/jobs/page.test.ts"),
    ).toBe(0);
  });
});
