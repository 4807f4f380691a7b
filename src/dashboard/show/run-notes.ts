import { readParameters } from "../../job/parameter-bag.ts";
import type { LogLine, Progress } from "../../storage/index.ts";
import type { JobLogLine, JobProgress } from "../api/job.ts";
import type { ShownJson } from "../api/shown.ts";
import type { Redactor } from "./redactor.ts";
import { ShowBudget, showValue } from "./shown-json.ts";

/** Of one line, and of its data. */
const LINE_CHARS = 4_000;
const PARAMETERS_CHARS = 20_000;

export function showLogs(lines: readonly LogLine[], redactor: Redactor): JobLogLine[] {
  return lines.map(({ at, attempt, text, data }) => {
    const shown = redactor.text(text, "log", "text").slice(0, LINE_CHARS).toWellFormed();
    return { at, attempt, text: shown, data: data === null ? null : showData(data, redactor) };
  });
}

function showData(data: string, redactor: Redactor): ShownJson {
  try {
    return showValue(JSON.parse(data), redactor, ["log", "data"], new ShowBudget(LINE_CHARS));
  } catch {
    return null;
  }
}

export function showProgress({ at, attempt, value, text }: Progress, redactor: Redactor): JobProgress {
  return { at, attempt, value, text: redactor.textOrNull(text, "progress") };
}

export function showParameters(
  parameters: string | null,
  redactor: Redactor,
): { readonly [key: string]: ShownJson } {
  const budget = new ShowBudget(PARAMETERS_CHARS);
  const shown: { [key: string]: ShownJson } = {};
  for (const [key, value] of Object.entries(readParameters(parameters))) {
    const member = showValue(value, redactor, ["parameters", key], budget);
    Object.defineProperty(shown, key, { value: member, enumerable: true });
  }
  return shown;
}
