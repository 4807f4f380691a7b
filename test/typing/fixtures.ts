// user code
export class Db {
  query(sql: string): Promise<unknown[]> {
    return Promise.resolve([sql]);
  }
}
export class Reports {
  #cache = new Map<string, number>();
  private db: Db;
  constructor(db: Db) {
    this.db = db;
  }
  /** Builds the report of one year. */
  async build(year: number, options?: { deep?: boolean }): Promise<{ rows: number }> {
    await this.db.query("x");
    this.#cache.set("a", year);
    return { rows: options?.deep ? 2 : 1 };
  }
  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: that it is private is the point
  private secret(): void {}
  protected inner(): void {}
  static purge(days: number): void {
    void days;
  }
  get size(): number {
    return this.#cache.size;
  }
  title = "x";
  handler = (n: number): number => n;
}
export abstract class Base {
  async shared(n: number): Promise<number> {
    return n;
  }
  static all(): void {}
}
export class Child extends Base {
  own(s: string): void {
    void s;
  }
}
export class NoCtor {
  ping(): string {
    return "pong";
  }
}
export class PrivateCtor {
  private constructor() {}
  static make(): PrivateCtor {
    return new PrivateCtor();
  }
  go(): void {}
}
/** A module-like object */
export const mail = {
  /** Sends the welcome mail. */
  async welcome(to: string, at?: Date): Promise<number> {
    void to;
    void at;
    return 1;
  },
  remind(userId: number): void {
    void userId;
  },
  generic<T extends { id: string }>(items: T[], key: keyof T): T | undefined {
    void key;
    return items[0];
  },
  version: 3,
  spread(...to: string[]): void {
    void to;
  },
  cb(done: (e?: Error) => void): void {
    done();
  },
  stream(s: ReadableStream): void {
    void s;
  },
  db(db: Db): void {
    void db;
  },
  big(n: bigint, m: Map<string, Date>, u: URL, e: Error, b: Uint8Array): void {
    void n;
    void m;
    void u;
    void e;
    void b;
  },
  opt(o: { name: string; onProgress?: (n: number) => void }): void {
    void o;
  },
  // biome-ignore lint/suspicious/noExplicitAny: users write it
  any(x: any, y: unknown): void {
    void x;
    void y;
  },
  sig(path: string, o: { signal: AbortSignal }): void {
    void path;
    void o;
  },
  thisArg(this: { a: 1 }, n: number): void {
    void n;
  },
  // biome-ignore lint/suspicious/noThenProperty: a reserved name is the point
  then(n: number): void {
    void n;
  },
};
export function over(a: string): Promise<string>;
export function over(a: number, b: boolean): Promise<number>;
export function over(a: string | number, _b?: boolean): Promise<string | number> {
  return Promise.resolve(a);
}
export async function tidy(n: number): Promise<void> {
  void n;
}
