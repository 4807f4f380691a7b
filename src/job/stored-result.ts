import { FirelaterError } from "../base/error.ts";
import { decodeValue } from "./codec.ts";

/** The job succeeded, but what it returned could not be stored (`FL_RESULT_NOT_STORED`). */
export class ResultNotStoredError extends FirelaterError {
  constructor(id: string, why: string) {
    super({
      code: "FL_RESULT_NOT_STORED",
      what: `The job ${id} has succeeded, but its result could not be stored.`,
      why,
      mend: "Return plain data, small enough, from the job.",
    });
  }
}

/**
 * The result in the entry of a Succeeded job; undefined when it returned nothing.
 *
 * @throws ResultNotStoredError `FL_RESULT_NOT_STORED`
 */
export function readStoredResult(id: string, entry: string): unknown {
  const data: { result?: unknown; resultOmitted?: string } = JSON.parse(`{${entry}}`);
  if (data.resultOmitted !== undefined) throw new ResultNotStoredError(id, data.resultOmitted);
  return data.result === undefined ? undefined : decodeValue(JSON.stringify(data.result));
}
