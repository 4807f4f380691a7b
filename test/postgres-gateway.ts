import assert from "node:assert/strict";
import { connect, createServer, type Server, type Socket } from "node:net";
import { POSTGRES_URL } from "./postgres-schema.ts";

/** A port behind which the server is, or nothing yet. */
export class Gateway implements AsyncDisposable {
  readonly port: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async closed(): Promise<Gateway> {
    const server = await listening(createServer(), 0);
    const address = server.address();
    assert(typeof address === "object" && address !== null);
    await new Promise((resolve) => server.close(resolve));
    return new Gateway(address.port);
  }

  get url(): string {
    const url = new URL(POSTGRES_URL);
    url.hostname = "127.0.0.1";
    url.port = String(this.port);
    return url.href;
  }

  async listen(): Promise<void> {
    const { hostname, port } = new URL(POSTGRES_URL);
    const server = createServer((socket) => {
      const behind = connect(Number(port || 5432), hostname);
      for (const one of [socket, behind]) {
        this.#sockets.add(one);
        one.on("error", () => {});
      }
      socket.pipe(behind).pipe(socket);
    });
    this.#server = await listening(server, this.port);
  }

  /** Somebody else has tried, too. */
  async refusedOnce(): Promise<void> {
    await new Promise<void>((resolve) => connect(this.port, "127.0.0.1").on("error", () => resolve()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) =>
      this.#server === undefined ? resolve(null) : this.#server.close(resolve),
    );
  }
}

/** What answers instead of a server. */
export async function standIn(answer: (socket: Socket) => void) {
  const server = await listening(createServer(answer), 0);
  const address = server.address();
  assert(typeof address === "object" && address !== null);
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listening(server: Server, port: number): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return server;
}

/** As the protocol has it: E, length, fields that end with a zero. */
export function errorResponse(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
