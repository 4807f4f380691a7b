/** Where the thread's module is: `.ts` in the sources, `.js` in the build, beside this file either way. */
export function leaseThreadUrl(): URL {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
  return new URL(`./lease-thread${extension}`, import.meta.url);
}
