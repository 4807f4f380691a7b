/** What a token is now, for canvases: these know nothing of `var()` or of the theme. */
export function tokenColour(token: string): string {
  const probe = document.createElement("i");
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
