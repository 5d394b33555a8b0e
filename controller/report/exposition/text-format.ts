/** Writes metrics in the text format of Prometheus. */
import { type HistogramValue, type MetricFamily, SAMPLES_AT_A_TIME } from './family.ts';

/** Yields parts of the text, so that the caller can pause in between. */
export function* familyText({ name, about, type, bounds, samples }: MetricFamily): Generator<string, void> {
  const writeHistogram = histogramWriter(name, bounds);
  let text = `# HELP ${name} ${about}\n# TYPE ${name} ${type}\n`;
  let count = 0;
  for (const { labels, value } of samples()) {
    text += typeof value === 'number' ? `${name}{${labels}} ${value}\n` : writeHistogram(labels, value);
    count += 1;
    if (count % SAMPLES_AT_A_TIME !== 0) continue;
    yield text;
    text = '';
  }
  yield text;
}

/** Returns a function that writes the lines of one histogram. What all histograms share is computed only once. */
function histogramWriter(name: string, bounds: readonly number[]): (labels: string, value: HistogramValue) => string {
  const ends = [...bounds.map(String), '+Inf'].map((bound) => `,le="${bound}"} `);
  return (labels, { sum, counts }) => {
    let text = '';
    let count = 0;
    for (const [bucket, end] of ends.entries()) {
      count += counts[bucket] ?? 0;
      text += `${name}_bucket{${labels}${end}${count}\n`;
    }
    return `${text}${name}_sum{${labels}} ${sum}\n${name}_count{${labels}} ${count}\n`;
  };
}
