/** What Firelater logs to. `console` and a pino instance both fit. */
export interface Logger {
  debug(message: string, ...details: unknown[]): void;
  info(message: string, ...details: unknown[]): void;
  warn(message: string, ...details: unknown[]): void;
  error(message: string, ...details: unknown[]): void;
}

/** The default: warnings and errors go to the console, the rest nowhere. */
export const quietConsole: Logger = {
  debug() {},
  info() {},
  warn: (message, ...details) => console.warn(`firelater: ${message}`, ...details),
  error: (message, ...details) => console.error(`firelater: ${message}`, ...details),
};

/** A URL or connection text without its password and query secrets, fit for logs, errors and names. */
export function maskSecrets(text: string): string {
  return text
    .replace(/(:\/\/[^:/?#@\s]{0,200}):[^@/?#\s]{0,500}@/g, "$1:***@")
    .replace(/([?&;\s](?:password|pwd|secret|token|key)=)[^&;\s]{0,500}/gi, "$1***");
}
