import type { Figures, Group } from "./benchmark.ts";

/** The middle of several runs, with the extremes: a median alone hides how far equal runs lie apart. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Every sample of every contender, the n-th of each taken in the same round. */
export type Samples = ReadonlyMap<string, readonly Figures[]>;

/**
 * Samples the contenders in turns: as a rule one round to warm the machine up, which does not count, then `rounds` that do. Every
 * other round goes backwards, so that none always comes after the same neighbour.
 */
export async function interleave(
  { contenders, warmUpRound = true }: Pick<Group, "contenders" | "warmUpRound">,
  rounds: number,
  heard: (name: string, figures: Figures) => void,
): Promise<Samples> {
  const latest = new Map<string, Figures>();
  const samples = new Map(contenders.map(({ name }) => [name, [] as Figures[]]));
  for (let round = warmUpRound ? 0 : 1; round <= rounds; round++) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const { name, take } of order) {
      const figures = await take(latest);
      latest.set(name, figures);
      if (round > 0) {
        samples.get(name)?.push(figures);
        heard(name, figures);
      }
    }
  }
  return samples;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: sorted[0] ?? Number.NaN, high: sorted.at(-1) ?? Number.NaN };
}

/** Linear between neighbours; the list must be sorted. */
export function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** The ratio of each pair: two medians of their own would keep the noise that a pair shares. */
export function pairedRatio(samples: Samples, of: string, over: string, figure: string): Spread {
  const above = samples.get(of) ?? [];
  const below = samples.get(over) ?? [];
  return spreadOf(
    above.map((one, round) => (one[figure] ?? Number.NaN) / (below[round]?.[figure] ?? Number.NaN)),
  );
}

export interface Summary {
  readonly group: string;
  readonly samples: Readonly<Record<string, readonly Figures[]>>;
  readonly medians: Readonly<Record<string, Readonly<Record<string, Spread>>>>;
  readonly ratios: readonly (Spread & {
    readonly label: string;
    readonly bar: string;
    readonly met: boolean;
  })[];
  readonly bars: readonly { readonly label: string; readonly value: number; readonly met: boolean }[];
}

export function summarize(group: Group, samples: Samples): Summary {
  return {
    group: group.name,
    samples: Object.fromEntries(samples),
    medians: Object.fromEntries([...samples].map(([name, taken]) => [name, spreadOfEach(taken)])),
    ratios: (group.ratios ?? []).map(({ label, figure, of, over, atLeast, atMost }) => {
      const ratio = pairedRatio(samples, of, over, figure);
      return { label, ...ratio, ...held(ratio.median, atLeast, atMost) };
    }),
    bars: (group.bars ?? []).map(({ figure, of, atMost }) => {
      const value = spreadOf((samples.get(of) ?? []).map((one) => one[figure] ?? Number.NaN)).median;
      return { label: `${of}: ${figure} at most ${atMost}`, value, met: value <= atMost };
    }),
  };
}

function spreadOfEach(taken: readonly Figures[]): Record<string, Spread> {
  const figures = [...new Set(taken.flatMap((one) => Object.keys(one)))];
  return Object.fromEntries(
    figures.map((figure) => [figure, spreadOf(taken.flatMap((one) => one[figure] ?? []))]),
  );
}

function held(value: number, atLeast?: number, atMost?: number): { bar: string; met: boolean } {
  if (atLeast !== undefined) return { bar: `at least ${atLeast}`, met: value >= atLeast };
  if (atMost !== undefined) return { bar: `at most ${atMost}`, met: value <= atMost };
  return { bar: "", met: true };
}
