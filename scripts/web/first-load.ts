import { gzipSync } from "node:zlib";

/** One chunk of Vite's manifest. */
export interface ManifestChunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}

export type Manifest = Readonly<Record<string, ManifestChunk>>;

/** Bytes of JavaScript and CSS, compressed, before the first page can be seen; HTTP headers and the API are not among them. */
export const FIRST_LOAD_BYTES = 150 * 1024;

/** All files that the browser needs for these sources: what they import at once, and the styles of all of them. */
export function filesOf(manifest: Manifest, sources: readonly string[]): string[] {
  const seen = new Set<string>();
  const files = new Set<string>();
  const visit = (source: string): void => {
    const chunk = manifest[source];
    if (chunk === undefined) throw new Error(`The manifest has no ${source}: was it renamed?`);
    if (seen.has(source)) return;
    seen.add(source);
    for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
    for (const imported of chunk.imports ?? []) visit(imported);
  };
  for (const source of sources) visit(source);
  return [...files];
}

export function gzippedSize(content: Uint8Array): number {
  return gzipSync(content, { level: 9 }).length;
}
