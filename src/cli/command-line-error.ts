import { FirelaterError } from "../base/error.ts";

/** The program was called with something that it does not take (`FL_COMMAND_LINE`). Nothing was begun. */
export class CommandLineError extends FirelaterError {
  constructor(what: string, mend: string, why?: string) {
    super({ code: "FL_COMMAND_LINE", what, why, mend });
  }
}
