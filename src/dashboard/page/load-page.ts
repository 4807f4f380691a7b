import type { Asset } from "../assets.ts";

/** The built page. */
export interface BuiltPage {
  readonly html: string;
  readonly assets: ReadonlyMap<string, Asset>;
}

let loaded: Promise<BuiltPage> | undefined;

/** The page that was built into the package; in a checkout without a build, one that says how to make it. */
export function loadPage(): Promise<BuiltPage> {
  loaded ??= import("../assets.ts").then(
    ({ PAGE, ASSETS }) => ({ html: PAGE, assets: ASSETS }),
    () => ({ html: NOT_BUILT, assets: new Map() }),
  );
  return loaded;
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <base href="__FIRELATER_BASE__" />
    <title>Firelater</title>
  </head>
  <body>
    <h1>The page is not built</h1>
    <p>This is a checkout of Firelater: run <code>npm run build:web</code>, then start again. The API is there: <a href="api/meta">api/meta</a>.</p>
  </body>
</html>
`;
