import type { Signal } from "../../storage/index.ts";

/** PostgreSQL takes less than 8,000 bytes; JSON escapes what is not ASCII nowhere, so this leaves room. */
const MOST_CHARS = 2_000;

/** Signals as the text of one notification. Where they are too many, that something has changed is enough. */
export function toNotification(sender: string, signals: readonly Signal[]): string {
  const text = JSON.stringify([sender, ...signals]);
  return text.length <= MOST_CHARS ? text : JSON.stringify([sender, { kind: "changed" }]);
}

/** What another object has told; nothing of one's own, which is known already. What cannot be read has changed. */
export function parseNotification(self: string, text: string): Signal[] {
  try {
    const [sender, ...signals]: unknown[] = JSON.parse(text);
    return sender === self ? [] : signals.map(toSignal);
  } catch {
    return [{ kind: "changed" }];
  }
}

/** Versions may differ between processes: a kind that is not known is a change of some sort. */
function toSignal(given: unknown): Signal {
  const read = (key: string): unknown =>
    typeof given === "object" && given !== null ? Reflect.get(given, key) : undefined;
  const [kind, queues, at] = [read("kind"), read("queues"), read("at")];
  if (kind === "ready" && Array.isArray(queues)) return { kind, queues: queues.map(String) };
  if ((kind === "due" || kind === "recurring") && typeof at === "number") return { kind, at };
  return kind === "finished" || kind === "parked" || kind === "released" ? { kind } : { kind: "changed" };
}
