/** Those of the order in their places, the others after them, as they come. */
export function inOrder<G extends { readonly fingerprint: string }>(
  groups: readonly G[],
  order: readonly string[],
): G[] {
  const known = new Map(groups.map((group) => [group.fingerprint, group]));
  const held = order.flatMap((fingerprint) => known.get(fingerprint) ?? []);
  const others = groups.filter(({ fingerprint }) => !order.includes(fingerprint));
  return [...held, ...others];
}
