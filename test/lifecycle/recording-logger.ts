import type { Logger } from "../../src/base/logger.ts";

type Level = keyof Logger;

/** A logger that keeps what it is told. */
export class RecordingLogger implements Logger {
  readonly lines: { readonly level: Level; readonly text: string; readonly details: readonly unknown[] }[] =
    [];

  debug = this.#keeper("debug");
  info = this.#keeper("info");
  warn = this.#keeper("warn");
  error = this.#keeper("error");

  /** The texts of a level that hold `part`. */
  texts(level: Level, part = ""): string[] {
    return this.lines
      .filter((line) => line.level === level && line.text.includes(part))
      .map(({ text }) => text);
  }

  #keeper(level: Level): (text: string, ...details: unknown[]) => void {
    return (text, ...details) => void this.lines.push({ level, text, details });
  }
}
