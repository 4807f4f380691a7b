import { SERVER_COMMANDS, type ServerCommand } from "../../storage/index.ts";
import { toStored } from "./opaque.ts";
import type { Session, Statement } from "./statements.ts";

const REPORT: Statement = {
  name: "report",
  text: (t) => `UPDATE ${t.server} SET vitals = $2 WHERE incarnation = $1 RETURNING command`,
};

const COMMAND: Statement = {
  name: "command",
  text: (t) => `UPDATE ${t.server} SET command = $2 WHERE incarnation = $1 RETURNING 1`,
};

export async function report(
  session: Session,
  incarnation: string,
  vitals: string,
): Promise<ServerCommand | null> {
  const [row] = await session.attempt("store a report", () =>
    session.run<[command: string | null]>(REPORT, [incarnation, toStored(vitals)]),
  );
  return toCommand(row?.[0] ?? null);
}

export async function command(
  session: Session,
  incarnation: string,
  asked: ServerCommand | null,
): Promise<boolean> {
  const rows = await session.attempt("ask something of a server", () =>
    session.run(COMMAND, [incarnation, asked]),
  );
  return rows.length === 1;
}

/** Versions may differ between processes: what is not known is not asked. */
export function toCommand(text: string | null): ServerCommand | null {
  return SERVER_COMMANDS.find((known) => known === text) ?? null;
}
