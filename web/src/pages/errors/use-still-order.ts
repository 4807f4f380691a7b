import { useState } from "react";
import type { ErrorGroup } from "../../../../src/dashboard/api/index.ts";
import { inOrder } from "./in-order.ts";

interface StillOrder {
  readonly rows: readonly ErrorGroup[];
  /** The largest is not the first any longer. */
  readonly moved: boolean;
  readonly renew: () => void;
}

/** Groups grow at their own pace; they change places when people say so, never under their hand. */
export function useStillOrder(groups: readonly ErrorGroup[]): StillOrder {
  const [order, setOrder] = useState(() => groups.map(({ fingerprint }) => fingerprint));
  const rows = inOrder(groups, order);
  const moved = rows.some(({ fingerprint }, at) => fingerprint !== groups[at]?.fingerprint);
  return { rows, moved, renew: () => setOrder(groups.map(({ fingerprint }) => fingerprint)) };
}
