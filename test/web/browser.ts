import { existsSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { createFixture, type Fixture } from "../../web/fixture/fixture-server.ts";

/** Where Debian and its kin put it; `CHROMIUM` names another one. */
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export function findChromium(): string | undefined {
  return [process.env.CHROMIUM, ...PLACES].find((path) => path !== undefined && existsSync(path));
}

export interface Dashboard {
  readonly fixture: Fixture;
  /** With a slash at its end. */
  readonly base: string;
  /** A page of its own, with all that went wrong in it. */
  open(
    path: string,
    options?: BrowserContextOptions,
    before?: (page: Page) => Promise<unknown>,
  ): Promise<Opened>;
  close(): Promise<void>;
}

export interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** Errors of the console and of scripts, violations of the policy included. */
  readonly problems: string[];
  /** Requests to anybody else. */
  readonly strangers: string[];
}

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const BASE_PATH = "/ops/jobs/";

/** The built page before the made-up API, below a path of two segments, in one browser. */
export async function startDashboard(executablePath: string): Promise<Dashboard> {
  const fixture = createFixture(BASE_PATH);
  await new Promise<void>((resolve) => fixture.server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${portOf(fixture.server.address())}${BASE_PATH}`;
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  return {
    ...{ fixture, base },
    open: (path, options, before) => open(browser, base, { path, options, before }),
    close: async () => {
      await browser.close();
      fixture.server.closeAllConnections();
      await new Promise((resolve) => fixture.server.close(resolve));
    },
  };
}

interface Wanted {
  readonly path: string;
  readonly options: BrowserContextOptions | undefined;
  /** What is to be done to the page before it loads anything. */
  readonly before: ((page: Page) => Promise<unknown>) | undefined;
}

async function open(browser: Browser, base: string, { path, options, before }: Wanted): Promise<Opened> {
  const context = await browser.newContext({
    timezoneId: "Europe/Paris",
    reducedMotion: "reduce",
    ...options,
  });
  const page = await context.newPage();
  const problems: string[] = [];
  const strangers: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith("blob:")) strangers.push(request.url());
  });
  page.setDefaultTimeout(10_000);
  await before?.(page);
  await page.goto(base + path);
  await page.locator("h1, h2, [role=alert]").first().waitFor();
  return { page, problems, strangers, [Symbol.asyncDispose]: () => context.close() };
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("The fixture server has no port: it listens on a path.");
}
