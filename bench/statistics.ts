/** Figures from samples. */

/** The value below which this share of the samples lies; 0.5 is the median. NaN without samples. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** One line: count, p50, p90, p99 and the largest, in milliseconds. */
export function describeLatency(what: string, samples: readonly number[]): string {
  const figures = [0.5, 0.9, 0.99].map((share) => `p${share * 100} ${quantile(samples, share).toFixed(2)}`);
  return `${what}: ${samples.length} samples, ${figures.join(', ')}, max ${Math.max(...samples).toFixed(2)} ms`;
}

/** The quantiles as figures of a table; samples in milliseconds. */
export function latencyFigures(samples: readonly number[]): Record<string, number> {
  return {
    samples: samples.length,
    'p50 ms': quantile(samples, 0.5),
    'p90 ms': quantile(samples, 0.9),
    'p99 ms': quantile(samples, 0.99),
    'max ms': Math.max(...samples),
  };
}

/** Least-squares slope of [x, y] pairs: y per x. NaN below two points. */
export function slope(points: readonly (readonly [number, number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return points.length < 2 ? Number.NaN : covariance / variance;
}
