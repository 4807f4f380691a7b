import { formatWithOptions } from "node:util";
import { type Logger, maskSecrets } from "../base/logger.ts";

/** What a program is given by whoever starts it, and where it writes. */
export interface TerminalParts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** A shorter one would be found in the middle of harmless words; those in addresses are masked by their place. */
const SHORTEST_CONCEALED = 4;

/** Where people read. Nothing that was named a secret is ever written, wherever a text has it from. */
export class Terminal {
  readonly #parts: TerminalParts;
  readonly #secrets = new Set<string>();

  constructor(parts: TerminalParts) {
    this.#parts = parts;
  }

  /** An environment variable as it is set; an empty one is set. */
  variable(name: string): string | undefined {
    return this.#parts.env[name];
  }

  /** A secret that is a part of what must be told (`besides`: a name, an address without it) cannot be concealed. */
  conceal(secret: string, besides = ""): void {
    for (const form of [secret, encodeURIComponent(secret)]) {
      const isPublic = `firelater ${besides}`.includes(form);
      if (form.length >= SHORTEST_CONCEALED && !isPublic) this.#secrets.add(form);
    }
  }

  /** What was asked for. */
  say(text: string): void {
    this.#parts.out(`${this.#masked(text)}\n`);
  }

  /** What went wrong, or ought to be known beside it. */
  complain(text: string): void {
    this.#parts.err(`${this.#masked(text)}\n`);
  }

  /** For the parts that report while they run: warnings and errors. */
  get logger(): Logger {
    const write = (message: string, ...details: unknown[]) =>
      this.complain(formatWithOptions({ colors: false }, `firelater: ${message}`, ...details));
    return { debug() {}, info() {}, warn: write, error: write };
  }

  #masked(text: string): string {
    // The longest first: one secret may begin with another.
    const secrets = [...this.#secrets].sort((a, b) => b.length - a.length);
    return maskSecrets(secrets.reduce((masked, secret) => masked.replaceAll(secret, "***"), text));
  }
}
