/**
 * The buckets of a native histogram as Prometheus transmits them: spans of consecutive buckets, and for each bucket the
 * difference from the count of the previous one.
 */

export interface Spans {
  /** `offset`: for the first span its first bucket, for every other the number of buckets since the previous span. */
  readonly spans: readonly { readonly offset: number; readonly length: number }[];
  readonly deltas: readonly number[];
}

/** An empty bucket takes one byte, a new span about four: gaps of up to this many buckets are filled. */
const LONGEST_GAP = 2;

export function spansOf(buckets: ReadonlyMap<number, number>): Spans {
  const spans: { offset: number; length: number }[] = [];
  const deltas: number[] = [];
  let next = 0;
  let previous = 0;

  function append(count: number): void {
    const span = spans.at(-1);
    if (span !== undefined) span.length += 1;
    deltas.push(count - previous);
    previous = count;
    next += 1;
  }

  for (const [index, count] of [...buckets].toSorted(([left], [right]) => left - right)) {
    if (spans.length === 0 || index - next > LONGEST_GAP) {
      spans.push({ offset: index - next, length: 0 });
      next = index;
    }
    while (next < index) append(0);
    append(count);
  }
  return { spans, deltas };
}
