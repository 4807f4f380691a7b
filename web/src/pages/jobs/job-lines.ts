import type { JobRow } from "../../../../src/dashboard/api/index.ts";

/** Jobs as the list knows them, a line of JSON each. */
export function jobLines(rows: readonly JobRow[]): string[] {
  return rows.map(
    ({
      id,
      name,
      displayName,
      queue,
      priority,
      state,
      stateAt,
      hold,
      createdAt,
      dueAt,
      attempt,
      crashes,
      tags,
      reason,
      error,
      durationMs,
      latencyMs,
      args,
    }) => {
      const told = {
        ...{ id, name, displayName, queue, priority, state, hold, attempt, crashes, tags },
        ...{ stateAt: instant(stateAt), createdAt: instant(createdAt), dueAt: instant(dueAt) },
        ...{ reason, error, durationMs, latencyMs },
        ...(args === undefined ? {} : { arguments: args.value, argumentsCut: args.cut }),
      };
      // These two end a line for some who read it.
      const line = JSON.stringify(told).replace(/[\u2028\u2029]/g, escaped);
      return `${line}\n`;
    },
  );
}

function instant(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16)}`;
}
