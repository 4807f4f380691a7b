import { refuseUnpermitted } from "../access/gate.ts";
import type { Viewer } from "../access/viewer.ts";
import type { Incomplete } from "../api/envelope.ts";
import type { Permission } from "../api/meta.ts";
import type { Routes } from "../api/routes.ts";
import type { RowMaker } from "../show/job-row.ts";
import type { Redactor } from "../show/redactor.ts";
import type { Deadline } from "./deadline.ts";
import type { Keeping } from "./json-answer.ts";
import type { Tell } from "./problem.ts";
import { type Readers, readFields } from "./readers.ts";

/** One request to the API, of a viewer who may look at the dashboard. */
export interface AskParts {
  readonly viewer: Viewer;
  readonly deadline: Deadline;
  readonly params: Readonly<Record<string, string>>;
  readonly query: ReadonlyMap<string, unknown>;
  /** Empty for requests that carry none. */
  readonly body: ReadonlyMap<string, unknown>;
  readonly request: Request;
}

/** A request as routes see it. */
export class Ask {
  readonly viewer: Viewer;
  readonly deadline: Deadline;
  readonly request: Request;
  readonly #parts: AskParts;

  constructor(parts: AskParts) {
    this.#parts = parts;
    this.viewer = parts.viewer;
    this.deadline = parts.deadline;
    this.request = parts.request;
  }

  /** A segment of the path; at most as long as the longest id. */
  param(name: string): string {
    return (this.#parts.params[name] ?? "").slice(0, 1_000);
  }

  query<T extends object>(readers: Readers<T>): T {
    return readFields(this.#parts.query, readers, "parameter");
  }

  body<T extends object>(readers: Readers<T>): T {
    return readFields(this.#parts.body, readers, "member of the body");
  }

  may(permission: Permission): boolean {
    return this.viewer.permissions.has(permission);
  }

  need(permission: Permission): void {
    refuseUnpermitted(this.viewer, permission);
  }

  rows(redactor: Redactor): RowMaker {
    return { redactor, withData: this.may("view-data") };
  }

  /** What of an error's message this viewer is told. */
  tell(redactor: Redactor): Tell {
    return tellTo(this.viewer, redactor);
  }

  /** Whether something was left out for want of time. */
  get incomplete(): Incomplete | null {
    return this.deadline.missed ? "time" : null;
  }
}

/** Messages may quote what jobs work with: told to those who may see that, as redaction has it. */
export function tellTo({ permissions }: Viewer, redactor: Redactor): Tell {
  return (message) => (permissions.has("view-data") ? redactor.text(message, "error", "message") : null);
}

/** One route of the API, whatever it answers. */
export interface RouteSpec {
  readonly method: string;
  readonly path: string;
  readonly needs: Permission;
  readonly handle: (ask: Ask) => Promise<Handled>;
}

/** What a route has answered, and how that may be kept. */
export interface Handled extends Keeping {
  readonly body: object;
}

/** How answers of a route may be kept; by default not at all. */
export interface RouteKeeping<Answer> {
  readonly kept?: boolean;
  readonly newsOf?: (answer: Answer) => string;
}

/** A route as `Routes` describes it, and the permission without which nobody comes to it. */
export function route<K extends keyof Routes>(
  key: K,
  needs: Permission,
  handle: (ask: Ask) => Promise<Routes[K]["answer"]>,
  { kept = false, newsOf }: RouteKeeping<Routes[K]["answer"]> = {},
): RouteSpec {
  const [method = "", path = ""] = key.split(" ");
  const handled = async (ask: Ask): Promise<Handled> => {
    const body = await handle(ask);
    return { body, kept, news: newsOf?.(body) };
  };
  return { method, path, needs, handle: handled };
}
