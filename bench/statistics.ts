/** Computes figures from samples. */

/**
 * Returns the value below which the given share of the samples lies; a share of 0.5 gives the median. NaN without
 * samples.
 */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** Returns one line of text: count, p50, p90, p99 and maximum, in milliseconds. */
export function describeLatency(what: string, samples: readonly number[]): string {
  const figures = [0.5, 0.9, 0.99].map((share) => `p${share * 100} ${quantile(samples, share).toFixed(2)}`);
  return `${what}: ${samples.length} samples, ${figures.join(', ')}, max ${Math.max(...samples).toFixed(2)} ms`;
}

/** Returns quantiles as figures of a table; the samples are in milliseconds. */
export function latencyFigures(samples: readonly number[]): Record<string, number> {
  return {
    samples: samples.length,
    'p50 ms': quantile(samples, 0.5),
    'p90 ms': quantile(samples, 0.9),
    'p99 ms': quantile(samples, 0.99),
    'max ms': Math.max(...samples),
  };
}

/** Returns the least-squares slope of [x, y] pairs, in y per x. NaN for fewer than two points. */
export function slope(points: readonly (readonly [number, number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return points.length < 2 ? Number.NaN : covariance / variance;
}
