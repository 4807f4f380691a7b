import type { RowCut } from "../../storage/index.ts";
import type { Redactor } from "./redactor.ts";

/** Longer than what is kept of any error, its causes included. */
export const ENTRY_CHARS = 262_144;
/** Where nothing of the texts is shown. */
export const NO_TEXTS: RowCut = { args: 0, entry: 1 };
/** Where an error is shown as a whole. */
export const WHOLE_ENTRY: RowCut = { args: 0, entry: ENTRY_CHARS };

const ROW_ARGUMENTS = 16_384;
/** Class and message of an error stand before its stack. */
const ROW_ENTRY = 4_096;

/** What of its texts a row of a list is made of. Redaction is asked for an error as a whole. */
export function rowCut(redactor: Redactor, withArguments: boolean): RowCut {
  return { args: withArguments ? ROW_ARGUMENTS : 0, entry: redactor.isOn ? ENTRY_CHARS : ROW_ENTRY };
}
