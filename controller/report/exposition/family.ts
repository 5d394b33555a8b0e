/** Metrics, whatever the format in which they are written. */

/** All samples of one metric. The histograms of a family have the same buckets. */
export interface MetricFamily {
  readonly name: string;
  readonly about: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Upper bounds of the buckets of histograms in ascending order, without infinity. */
  readonly bounds: readonly number[];
  readonly samples: () => Iterable<Sample>;
}

export interface Sample {
  /** Labels as `labelText` writes them. */
  readonly labels: string;
  readonly value: number | HistogramValue;
}

export interface HistogramValue {
  readonly sum: number;
  /** The number of values in each bucket of the family, and at the end the number of values above all bounds. */
  readonly counts: ArrayLike<number>;
  /** The buckets of a native histogram, which only the protobuf format contains. */
  readonly native: NativeValue | undefined;
}

/**
 * A native histogram of values from 0. Bucket `i` contains the values above 2^((i - 1) / 2^schema) and up to
 * 2^(i / 2^schema). Only buckets that contain values are stored.
 */
export interface NativeValue {
  /** From -4 (16 doublings in one bucket) to 8 (256 buckets in one doubling). */
  readonly schema: number;
  /** The number of values that are 0. */
  readonly zero: number;
  readonly buckets: ReadonlyMap<number, number>;
}

/** How many samples a format writes before it lets the caller pause. */
export const SAMPLES_AT_A_TIME = 16;

/** A family whose samples are single numbers. */
export function simpleFamily(
  name: string,
  about: string,
  type: 'counter' | 'gauge',
  samples: () => Iterable<Sample>,
): MetricFamily {
  return { name, about, type, bounds: [], samples };
}
