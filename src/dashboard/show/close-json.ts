/**
 * The beginning of the text of a JSON object as an object of its own: what is whole of it, closed. A member that is not
 * followed by another one may have been cut, and is left out.
 */
export function closeJson(beginning: string): string {
  const open: string[] = [];
  let kept = "";
  let inText = false;
  for (let at = 0; at < beginning.length; at++) {
    const character = beginning[at];
    if (inText) {
      if (character === "\\") at++;
      else if (character === '"') inText = false;
    } else if (character === '"') inText = true;
    else if (character === "{" || character === "[") {
      open.push(character === "{" ? "}" : "]");
      kept = close(beginning.slice(0, at + 1), open);
    } else if (character === "}" || character === "]") open.pop();
    else if (character === ",") kept = close(beginning.slice(0, at), open);
  }
  return kept;
}

function close(text: string, open: readonly string[]): string {
  return text + open.toReversed().join("");
}
