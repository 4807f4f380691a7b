const encoder = new TextEncoder();
/** Messages that a viewer has not taken yet: one that does not read is let go, and connects again. */
const MOST_WAITING = 64;

/** One viewer's stream of server-sent events. */
export class EventStream {
  readonly watched: ReadonlySet<string>;
  readonly withData: boolean;
  readonly openedAt: number = performance.now();
  /** What was last sent of each watched job. */
  readonly sent: Map<string, string> = new Map();
  readonly body: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(watched: ReadonlySet<string>, withData: boolean, closed: () => void) {
    this.watched = watched;
    this.withData = withData;
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.#controller = undefined;
        closed();
      },
    });
  }

  get isOpen(): boolean {
    return this.#controller !== undefined;
  }

  event(name: string, data: unknown): void {
    this.text(`event: ${name}\ndata: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`);
  }

  text(text: string): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    if ((controller.desiredSize ?? 0) < -MOST_WAITING) this.end();
    else controller.enqueue(encoder.encode(text));
  }

  end(): void {
    const controller = this.#controller;
    this.#controller = undefined;
    controller?.close();
  }
}
