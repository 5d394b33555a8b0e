/** Figures out of samples. */

/** The value below which a share of the samples lies; 0.5 is the median. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** One line: count, p50, p90, p99 and the largest, in milliseconds. */
export function describeLatency(what: string, samples: readonly number[]): string {
  const figures = [0.5, 0.9, 0.99].map((share) => `p${share * 100} ${quantile(samples, share).toFixed(2)}`);
  return `${what}: ${samples.length} samples, ${figures.join(', ')}, max ${Math.max(...samples).toFixed(2)} ms`;
}
