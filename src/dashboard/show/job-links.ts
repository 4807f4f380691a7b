import type { Logger } from "../../base/logger.ts";
import { decodeArguments } from "../../job/codec.ts";
import { readParameters } from "../../job/parameter-bag.ts";
import type { JobRecord, JobState } from "../../storage/index.ts";
import type { JobLink } from "../api/job.ts";

/** What is known of a job whose links are asked for, as it is stored: `redact` has changed none of it. */
export interface LinkedJob {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly state: JobState;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** When it came into its state. */
  readonly stateAt: number;
  readonly tags: readonly string[];
  /** Empty when they cannot be read. */
  readonly args: readonly unknown[];
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * Where else there is something about a job: its log, its trace, its customer. At most ten links are shown, with
 * addresses that begin with `http://`, `https://` or, for this host, with one `/`.
 */
export type JobLinksOf = (job: LinkedJob) => readonly JobLink[];

const MOST_LINKS = 10;
const TEXT_CHARS = 60;
const URL_CHARS = 2_000;
/** Any other scheme could run code on the dashboard's page; two slashes would lead to another host. */
const ADDRESS = /^(https?:\/\/|\/(?![/\\]))/i;

/** The links of the application, which harm nobody when making them throws: then there are none. */
export class JobLinks {
  readonly #linksOf: JobLinksOf | undefined;
  readonly #logger: Logger;

  constructor(linksOf: JobLinksOf | undefined, logger: Logger) {
    this.#linksOf = linksOf;
    this.#logger = logger;
  }

  of(job: JobRecord): JobLink[] {
    if (this.#linksOf === undefined) return [];
    try {
      const links = this.#linksOf(toLinkedJob(job)).slice(0, MOST_LINKS);
      return links.flatMap((link) =>
        isUsable(link) ? [{ text: link.text, url: link.url }] : this.#told(link),
      );
    } catch (error) {
      this.#logger.error("jobLinks of the dashboard has failed: no links are shown", error);
      return [];
    }
  }

  #told({ text }: JobLink): [] {
    this.#logger.warn(
      `jobLinks of the dashboard gave a link that is not shown (${String(text).slice(0, TEXT_CHARS)}): its text must have 1 to ` +
        `${TEXT_CHARS} characters, its address at most ${URL_CHARS}, beginning with http://, https:// or one /`,
    );
    return [];
  }
}

function isUsable({ text, url }: JobLink): boolean {
  const isText = typeof text === "string" && text !== "" && text.length <= TEXT_CHARS;
  return isText && typeof url === "string" && url.length <= URL_CHARS && ADDRESS.test(url);
}

function toLinkedJob(job: JobRecord): LinkedJob {
  const { id, name, queue, state, createdAt, stateAt, tags } = job;
  const parameters = readParameters(job.parameters);
  return { id, name, queue, state, createdAt, stateAt, tags, args: argumentsOf(job), parameters };
}

/** Looking at a broken job must work. */
function argumentsOf({ args }: JobRecord): readonly unknown[] {
  try {
    return decodeArguments(args);
  } catch {
    return [];
  }
}
