import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** Stands before a server; what goes through it may fall silent without a word, as behind a broken router. */
export class FreezingProxy implements AsyncDisposable {
  /** Where new connections go. */
  target: number;
  readonly #server: Server = createServer((near) => this.#join(near));
  readonly #sockets: Set<Socket> = new Set();

  private constructor(target: number) {
    this.target = target;
  }

  static async before(port: number): Promise<FreezingProxy> {
    const proxy = new FreezingProxy(port);
    await once(proxy.#server.listen(0, "127.0.0.1"), "listening");
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("the proxy has no port");
    return address.port;
  }

  #join(near: Socket): void {
    const far = connect(this.target, "127.0.0.1");
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) this.#sockets.add(socket.on("error", () => {}));
  }

  /** Connections of now carry nothing any more, and nobody is told; new ones work. */
  freeze(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
