import { preview } from "../../base/error.ts";
import { InvalidOptionsError, isRecord } from "../../job/options.ts";
import type { Permission } from "../api/meta.ts";

/** Every permission there is. */
export const PERMISSIONS: readonly Permission[] = [
  "view",
  "view-data",
  "requeue",
  "delete",
  "reschedule",
  "replay",
  "trigger-recurring",
  "pause-recurring",
  "edit-recurring",
  "remove-recurring",
  "pause-queue",
  "command-server",
  "operate",
  "save-view",
];

const READING: ReadonlySet<Permission> = new Set(["view", "view-data"]);

/** Who looks, and what they may do. */
export interface Viewer {
  /** For the audit trail; null where nobody has a name. */
  readonly name: string | null;
  readonly permissions: ReadonlySet<Permission>;
}

/** What `authorize` gives for somebody who may come in. */
export interface AuthorizedViewer {
  /** 1 to 200 characters: stands in the audit trail. */
  readonly name?: string | undefined;
  /** Default: all. `"read"`: `view` and `view-data`. */
  readonly permissions?: "all" | "read" | readonly Permission[] | undefined;
}

/** A viewer of what `authorize` has answered; throws when that is nothing it may answer. */
export function toViewer(answer: unknown, readOnly: boolean): Viewer {
  if (answer === true) return { name: null, permissions: allowed(PERMISSIONS, readOnly) };
  if (!isRecord(answer)) throw refuse(answer, "as the answer of authorize");
  const { name = null, permissions = "all" } = answer;
  if (name !== null && (typeof name !== "string" || name === ""))
    throw refuse(name, "as the name that authorize gives");
  const given = permissionsOf(permissions);
  return {
    name: name === null ? null : name.slice(0, 200).toWellFormed(),
    permissions: allowed(given, readOnly),
  };
}

function permissionsOf(permissions: unknown): readonly Permission[] {
  if (permissions === "all") return PERMISSIONS;
  if (permissions === "read") return [...READING];
  if (!Array.isArray(permissions)) throw refuse(permissions, "as the permissions that authorize gives");
  return permissions.map((one: unknown) => {
    const known = PERMISSIONS.find((permission) => permission === one);
    if (known === undefined) throw refuse(one, "as a permission");
    return known;
  });
}

function allowed(given: readonly Permission[], readOnly: boolean): ReadonlySet<Permission> {
  return new Set(readOnly ? given.filter((permission) => READING.has(permission)) : given);
}

function refuse(value: unknown, as: string): InvalidOptionsError {
  return new InvalidOptionsError({
    code: "FL_INVALID_OPTIONS",
    what: `Cannot use ${preview(value)} ${as}.`,
    mend: `Answer false, true, or { name, permissions }, with permissions of: ${PERMISSIONS.join(", ")}.`,
  });
}
