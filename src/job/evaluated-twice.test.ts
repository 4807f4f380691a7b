import { expect, test } from "vitest";
import { processWide } from "../base/process-wide.ts";
import { readCall } from "./job-call.ts";
import { defineJobs, registryOf } from "./job-set.ts";
import { jobPlaceholders, placeholderOf } from "./placeholder.ts";
import { recorderOf } from "./recorder.ts";
import { newRecording, recordInto } from "./recording.ts";

test("a value of one name is made once in the process", () => {
  const first = processWide("test.once", () => ({ made: 1 }));
  expect(processWide("test.once", () => ({ made: 2 }))).toBe(first);
  expect(processWide("test.other", () => ({ made: 3 }))).not.toBe(first);
});

test("what one copy of a module makes, another copy knows", async () => {
  // A query makes the loader evaluate the module again, as dev servers do.
  const again = async <T>(path: string, copy: T): Promise<T> => ({
    ...copy,
    ...(await import(/* @vite-ignore */ `${path}?copy`)),
  });
  const jobs = defineJobs({ tidy: (n: number): number => n });
  const jobSet = await again("./job-set.ts", { defineJobs, registryOf });
  const recording = await again("./recording.ts", { newRecording, recordInto });
  const jobCall = await again("./job-call.ts", { readCall });
  const placeholder = await again("./placeholder.ts", { placeholderOf });
  expect(jobSet.defineJobs).not.toBe(defineJobs);
  expect(jobSet.registryOf(jobs).names()).toEqual(["tidy"]);
  expect(registryOf(jobSet.defineJobs({ again: (): void => {} })).names()).toEqual(["again"]);
  const call = recording.recordInto(recording.newRecording(), () => recorderOf(jobs).tidy(1));
  expect(jobCall.readCall(call)).toEqual({ name: "tidy", args: [1] });
  expect(placeholder.placeholderOf(jobPlaceholders.signal)).toEqual({ kind: "signal" });
});
