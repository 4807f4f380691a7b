/** What a token is now, for canvases: these know nothing of `var()` or of the theme. */
export function tokenColour(token: string): string {
  return resolve(`var(${token})`);
}

/** A third of one token, laid over another. */
export function mixedColour(token: string, ground: string): string {
  return resolve(`color-mix(in oklab, var(${token}) 30%, var(${ground}))`);
}

function resolve(text: string): string {
  const probe = document.createElement("i");
  probe.style.color = text;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
