import { checkJobOptions } from "./check-job-options.ts";
import type { JobOptions } from "./job-options.ts";
import { InvalidOptionsError, isRecord, unknownOption } from "./options.ts";
import { type ResolvedJobOptions, resolveOptions } from "./resolve-options.ts";

const ALL = "*";
type Group = Readonly<Record<string, unknown>>;
type Entries = ReadonlyMap<string, object>;

/**
 * The options beside the names, as data: `{ "*": all, mail: { "*": group, welcome: one }, tidy: one }`. The registry
 * asks it for each job; a producer that has only the types asks it by name.
 */
export class OptionTable {
  readonly #table: Group;
  readonly #all: JobOptions | undefined;

  constructor(table: unknown = {}) {
    if (!isRecord(table)) throw notAnObject("the options beside the jobs");
    this.#table = table;
    this.#all = checkedDefaults(own(table, ALL), '"*"');
  }

  /** The options of an entry that is itself a job. */
  forFunction(name: string): ResolvedJobOptions {
    return resolveOptions([this.#all, checked(own(this.#table, name), JSON.stringify(name))]);
  }

  /** The options of a member of a group. */
  forMember(name: string, member: string): ResolvedJobOptions {
    const group = own(this.#table, name) ?? {};
    if (!isRecord(group)) throw notAnObject(`the options of ${JSON.stringify(name)}`);
    return resolveOptions([
      this.#all,
      checkedDefaults(own(group, ALL), `"${name}.*"`),
      checked(own(group, member), `"${name}.${member}"`),
    ]);
  }

  /** The options of a stored name, for a producer without a registry. */
  forName(name: string): ResolvedJobOptions {
    const [first = "", member] = name.split(".");
    return member === undefined ? this.forFunction(first) : this.forMember(first, member);
  }

  /** Refuses options for names that are not registered: a typo there would silently do nothing. */
  refuseUnknown(entries: Entries): void {
    for (const [name, group] of Object.entries(this.#table)) {
      if (name === ALL) continue;
      const entry = entries.get(name);
      if (entry === undefined) throw unknownOption(name, [ALL, ...entries.keys()], "the registered jobs");
      if (entry instanceof Map && isRecord(group)) refuseUnknownMembers(name, group, entry);
    }
  }
}

function refuseUnknownMembers(name: string, group: Group, members: Entries): void {
  for (const member of Object.keys(group)) {
    if (member === ALL || members.has(member)) continue;
    throw unknownOption(member, [ALL, ...members.keys()], `the jobs of ${JSON.stringify(name)}`);
  }
}

function checked(options: unknown, label: string): JobOptions | undefined {
  if (options === undefined) return undefined;
  checkJobOptions(options, label);
  return options;
}

/** Defaults cannot carry what belongs to one job: a former name, or the schema of its arguments. */
function checkedDefaults(options: unknown, label: string): JobOptions | undefined {
  const defaults = checked(options, label);
  for (const field of ["formerly", "args"] as const) {
    if (defaults?.[field] === undefined) continue;
    throw new InvalidOptionsError({
      code: "FL_INVALID_OPTIONS",
      what: `Cannot use ${field} in ${label}.`,
      why: "It belongs to one job.",
      mend: "Write it beside that job's name.",
    });
  }
  return defaults;
}

function notAnObject(label: string): InvalidOptionsError {
  return new InvalidOptionsError({
    code: "FL_INVALID_OPTIONS",
    what: `Cannot use what was given as ${label}.`,
    why: "Options are an object whose names are those of the jobs.",
    mend: 'Write it like { "*": { queue: "slow" }, mail: { welcome: { queue: "critical" } } }.',
  });
}

function own(table: Group, name: string): unknown {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
