import type { ServerResponse } from "node:http";

/** Writes a response of Fetch to one of node:http, as fast as the other side reads. */
export async function sendResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) {
    if (name === "set-cookie") outgoing.appendHeader(name, value);
    else outgoing.setHeader(name, value);
  }
  if (response.body === null) {
    outgoing.end();
    return;
  }
  await pump(response.body, outgoing);
}

async function pump(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader();
  if (outgoing.destroyed) {
    // Gone before the answer was there: no event tells of it any more.
    await reader.cancel();
    return;
  }
  // Whoever has gone away is told to the stream: a live one would be written for nobody.
  const leave = (): void => void reader.cancel().catch(() => {});
  outgoing.once("close", leave);
  outgoing.once("error", leave);
  outgoing.flushHeaders();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || outgoing.destroyed) break;
      if (!outgoing.write(value)) await roomIn(outgoing);
    }
  } finally {
    outgoing.off("close", leave);
    if (!outgoing.destroyed) outgoing.end();
  }
}

/** Neither listener outlives the other: a stream that waits a thousand times must not leave a thousand of them. */
function roomIn(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off("drain", done);
      outgoing.off("close", done);
      resolve();
    };
    outgoing.on("drain", done);
    outgoing.on("close", done);
  });
}
