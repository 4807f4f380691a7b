import type { Logger } from "./logger.ts";

/**
 * A user's logger whose methods never throw: a full disk or a closed stream behind it must not end a loop or keep the
 * end of a job from being stored.
 */
export function unfailingLogger(logger: Logger): Logger {
  const method =
    (level: keyof Logger): Logger["warn"] =>
    (message, ...details) => {
      try {
        // On the logger itself: many need their `this`.
        const returned: unknown = Reflect.apply(logger[level], logger, [message, ...details]);
        // Async functions fit the type, too, and what they reject with must not become an unhandled rejection.
        if (returned instanceof Promise) returned.catch(() => {});
      } catch {
        // Whoever was to be told has failed: there is nobody left to tell.
      }
    };
  return { debug: method("debug"), info: method("info"), warn: method("warn"), error: method("error") };
}
