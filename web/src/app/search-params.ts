/** Parameters of a page: plain texts, as they stand in the URL and as people write them. */
export type SearchTexts = Readonly<Record<string, string>>;

export function parseSearch(text: string): SearchTexts {
  return Object.fromEntries(new URLSearchParams(text));
}

export function writeSearch(search: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

/** Of what stands in the URL, what a page knows: whatever else is there is left out. */
export function pick<K extends string>(
  names: readonly K[],
): (search: Record<string, unknown>) => { [name in K]?: string } {
  return (search) => {
    const picked: { [name in K]?: string } = {};
    for (const name of names) {
      const value = search[name];
      if (typeof value === "string" && value !== "") picked[name] = value;
    }
    return picked;
  };
}
