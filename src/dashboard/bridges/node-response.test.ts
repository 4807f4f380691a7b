import { once } from "node:events";
import { createServer, get, type ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { sendResponse } from "./node-response.ts";

/** A server that answers one request as it is told, and what came of it. */
async function serve(answer: (outgoing: ServerResponse) => Promise<void>) {
  const done = Promise.withResolvers<void>();
  const server = createServer((_, outgoing) => void answer(outgoing).then(done.resolve, done.reject));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return {
    done: done.promise,
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}

test("a stream whose reader has gone before it began is ended", async () => {
  let cancelled = 0;
  const asked = Promise.withResolvers<void>();
  await using server = await serve(async (outgoing) => {
    asked.resolve();
    await once(outgoing, "close");
    const body = new ReadableStream<Uint8Array>({ cancel: () => void cancelled++ });
    await sendResponse(new Response(body), outgoing);
  });
  const request = get(server.url).on("error", () => {});
  await asked.promise;
  request.destroy();
  await server.done;
  expect(cancelled).toBe(1);
});

test("a reader that is slow is waited for, again and again, with no listener left behind", async () => {
  const chunk = new Uint8Array(256 * 1_024);
  let left = 40;
  const listeners: number[] = [];
  await using server = await serve(async (outgoing) => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        listeners.push(outgoing.listenerCount("close") + outgoing.listenerCount("drain"));
        if (left-- > 0) controller.enqueue(chunk);
        else controller.close();
      },
    });
    await sendResponse(new Response(body), outgoing);
  });
  let bytes = 0;
  for await (const part of (await fetch(server.url)).body ?? []) {
    bytes += part.byteLength;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await server.done;
  expect(bytes).toBe(40 * chunk.byteLength);
  expect(Math.max(...listeners) - Math.min(...listeners)).toBeLessThanOrEqual(3);
});
