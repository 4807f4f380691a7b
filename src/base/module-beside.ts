/** The module of this name in the folder of `here`, the caller's `import.meta.url`: `.ts` in the sources, `.js` in the build. */
export function moduleBeside(here: string, name: string): URL {
  return new URL(`./${name}${here.slice(here.lastIndexOf("."))}`, here);
}
