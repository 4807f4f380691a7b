import type { Server } from "node:http";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { createFixture, type Fixture } from "../../web/fixture/fixture-server.ts";
import { CHROMIUM_VARIABLE } from "./chromium.ts";

/** The browser that the set-up has found; undefined: there is none, as it has said. */
export function findChromium(): string | undefined {
  return process.env[CHROMIUM_VARIABLE];
}

type Open = (
  path: string,
  options?: BrowserContextOptions,
  before?: (page: Page) => Promise<unknown>,
) => Promise<Opened>;

/** A browser before one address, which has a slash at its end. */
export interface Viewer {
  readonly base: string;
  /** A page of its own, with all that went wrong in it. */
  readonly open: Open;
  close(): Promise<void>;
}

export interface Dashboard extends Viewer {
  readonly fixture: Fixture;
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

export async function startViewer(executablePath: string, base: string): Promise<Viewer> {
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  return {
    base,
    open: (path, options, before) => open(browser, base, { path, options, before }),
    close: () => browser.close(),
  };
}

/** Listens on a free port of this machine, and says which. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("The server has no port: it listens on a path.");
}

export async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** The built page before the made-up API, below a path of two segments. */
export async function startDashboard(executablePath: string): Promise<Dashboard> {
  const fixture = createFixture(BASE_PATH);
  const port = await listen(fixture.server);
  const viewer = await startViewer(executablePath, `http://127.0.0.1:${port}${BASE_PATH}`);
  return {
    ...{ ...viewer, fixture },
    close: async () => {
      await viewer.close();
      await closeServer(fixture.server);
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
