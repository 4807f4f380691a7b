import { createHash, timingSafeEqual } from "node:crypto";
import { FirelaterError, preview } from "../../base/error.ts";
import { CommandLineError } from "../command-line-error.ts";
import type { Terminal } from "../terminal.ts";

export const PASSWORD_VARIABLE = "FIRELATER_DASHBOARD_PASSWORD";
export const USER_VARIABLE = "FIRELATER_DASHBOARD_USER";

/** A dashboard was to listen where others reach it, without a password (`FL_DASHBOARD_UNPROTECTED`). Nothing was opened. */
export class UnprotectedError extends FirelaterError {
  constructor(host: string) {
    super({
      code: "FL_DASHBOARD_UNPROTECTED",
      what: `The dashboard does not listen on ${preview(host)} without a password.`,
      why: "Whoever reaches it could read and change every job.",
      mend: `Set ${PASSWORD_VARIABLE}, or leave --host out and reach this machine through a tunnel (ssh -L 4567:127.0.0.1:4567 …).`,
    });
  }
}

/** Who may look: whoever knows the password, under this name where it is given, else under any. */
export interface Login {
  readonly user: string | undefined;
  readonly password: string;
}

/** Undefined where no password is set. One that is set and empty is a slip, and must not open anything. */
export function readLogin(terminal: Terminal): Login | undefined {
  const password = terminal.variable(PASSWORD_VARIABLE);
  const user = terminal.variable(USER_VARIABLE);
  for (const [name, value] of [
    [PASSWORD_VARIABLE, password],
    [USER_VARIABLE, user],
  ] as const) {
    if (value === "")
      throw new CommandLineError(`${name} is set, and empty.`, "Give it a value, or unset it.");
  }
  if (user?.includes(":") === true)
    throw new CommandLineError(
      `${USER_VARIABLE} has a colon.`,
      "HTTP Basic ends the name there: leave it out.",
    );
  if (password === undefined) {
    if (user === undefined) return undefined;
    throw new CommandLineError(
      `${USER_VARIABLE} is set without a password.`,
      `Set ${PASSWORD_VARIABLE}, too.`,
    );
  }
  terminal.conceal(password);
  return { user, password };
}

/** @throws UnprotectedError `FL_DASHBOARD_UNPROTECTED`. */
export function refuseUnprotected(host: string, login: Login | undefined): void {
  if (login === undefined && !isLoopback(host)) throw new UnprotectedError(host);
}

/** Names are not looked up: what one leads to may change. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * The name of whoever proves by a header of HTTP Basic to know the password; empty when they give none, undefined when
 * they prove nothing. It takes as long whatever is wrong.
 */
export function provenUser(header: string | null, login: Login): string | undefined {
  const [, encoded = ""] = /^basic +([a-z0-9+/]+={0,2}) *$/i.exec(header ?? "") ?? [];
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  const user = text.slice(0, Math.max(0, colon));
  const isPassword = isSame(text.slice(colon + 1), login.password);
  const isUser = isSame(user, login.user ?? user);
  return colon >= 0 && isPassword && isUser ? user : undefined;
}

/** By hashes: they are equally long, and how far two of them agree tells nothing of what was hashed. */
function isSame(given: string, wanted: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(wanted));
}
