/** Metrics in the text and in the protobuf format. */
import fc from 'fast-check';
import protobuf from 'protobufjs/light.js';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { type MetricFamily, type NativeValue, type Sample, simpleFamily } from './family.ts';
import { labelsOf, labelText } from './label-text.ts';
import { spansOf } from './native-spans.ts';
import { familyBytes } from './protobuf-format.ts';
import { registryFamilies } from './registry-families.ts';
import { familyText } from './text-format.ts';
import { wantsProtobuf } from './wanted-format.ts';

/** The messages as Prometheus's metrics.proto declares them. */
const FAMILY_MESSAGE = protobuf.Root.fromJSON({
  nested: {
    LabelPair: { fields: { name: { id: 1, type: 'string' }, value: { id: 2, type: 'string' } } },
    Gauge: { fields: { value: { id: 1, type: 'double' } } },
    Counter: { fields: { value: { id: 1, type: 'double' } } },
    Bucket: { fields: { cumulativeCount: { id: 1, type: 'uint64' }, upperBound: { id: 2, type: 'double' } } },
    BucketSpan: { fields: { offset: { id: 1, type: 'sint32' }, length: { id: 2, type: 'uint32' } } },
    Histogram: {
      fields: {
        sampleCount: { id: 1, type: 'uint64' },
        sampleSum: { id: 2, type: 'double' },
        bucket: { id: 3, type: 'Bucket', rule: 'repeated' },
        schema: { id: 5, type: 'sint32' },
        zeroThreshold: { id: 6, type: 'double' },
        zeroCount: { id: 7, type: 'uint64' },
        positiveSpan: { id: 12, type: 'BucketSpan', rule: 'repeated' },
        positiveDelta: { id: 13, type: 'sint64', rule: 'repeated' },
      },
    },
    Metric: {
      fields: {
        label: { id: 1, type: 'LabelPair', rule: 'repeated' },
        gauge: { id: 2, type: 'Gauge' },
        counter: { id: 3, type: 'Counter' },
        histogram: { id: 7, type: 'Histogram' },
      },
    },
    MetricType: { values: { COUNTER: 0, GAUGE: 1, SUMMARY: 2, UNTYPED: 3, HISTOGRAM: 4 } },
    MetricFamily: {
      fields: {
        name: { id: 1, type: 'string' },
        help: { id: 2, type: 'string' },
        type: { id: 3, type: 'MetricType' },
        metric: { id: 4, type: 'Metric', rule: 'repeated' },
      },
    },
  },
}).lookupType('MetricFamily');

/** The messages in a body of Prometheus's protobuf format. */
function decoded(parts: Iterable<Uint8Array>): readonly unknown[] {
  const reader = protobuf.Reader.create(Buffer.concat([...parts]));
  const families: unknown[] = [];
  while (reader.pos < reader.len) {
    const message = FAMILY_MESSAGE.decodeDelimited(reader);
    families.push(FAMILY_MESSAGE.toObject(message, { longs: Number, enums: String, defaults: true }));
  }
  return families;
}

const textOf = (family: MetricFamily) => [...familyText(family)].join('');

function histogram(samples: readonly Sample[], bounds = [0.1, 1]): MetricFamily {
  return { name: 'h', about: 'About.', type: 'histogram', bounds, samples: () => samples };
}

const NATIVE: NativeValue = {
  schema: 3,
  zero: 2,
  buckets: new Map([
    [40, 1],
    [-7, 5],
    [-6, 3],
    [-3, 4],
  ]),
};

describe('text', () => {
  it('a histogram has cumulative buckets, sum and count', () => {
    const value = { sum: 12.5, counts: [1, 0, 3], native: NATIVE };
    expect(textOf(histogram([{ labels: 'a="1"', value }]))).toBe(
      [
        '# HELP h About.',
        '# TYPE h histogram',
        'h_bucket{a="1",le="0.1"} 1',
        'h_bucket{a="1",le="1"} 1',
        'h_bucket{a="1",le="+Inf"} 4',
        'h_sum{a="1"} 12.5',
        'h_count{a="1"} 4',
        '',
      ].join('\n'),
    );
  });

  it('is written in parts', () => {
    const samples = Array.from({ length: 100 }, (_, index) => ({ labels: `a="${index}"`, value: index }));
    const parts = [...familyText(simpleFamily('c', 'About.', 'counter', () => samples))];
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.join('').match(/^c\{/gm)).toHaveLength(100);
  });
});

it('labels are read as they were written', () => {
  const label = fc.tuple(fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(fc.array(label), (labels) => {
      expect(labelsOf(labelText(labels))).toEqual(labels.map(([name, value]) => ({ name, value })));
    }),
  );
  expect(labelsOf('a="x\\\\n\\"y\\nz",b=""')).toEqual([
    { name: 'a', value: 'x\\n"y\nz' },
    { name: 'b', value: '' },
  ]);
});

describe('protobuf', () => {
  it('counters and gauges have labels and a value', () => {
    const samples = () => [{ labels: 'a="x\\"y",b="2"', value: 0.25 }];
    const parts = (['counter', 'gauge'] as const).flatMap((type) => [
      ...familyBytes(simpleFamily(type, 'About.', type, samples)),
    ]);
    const label = [
      { name: 'a', value: 'x"y' },
      { name: 'b', value: '2' },
    ];
    expect(decoded(parts)).toMatchObject([
      { name: 'counter', help: 'About.', type: 'COUNTER', metric: [{ label, counter: { value: 0.25 } }] },
      { name: 'gauge', help: 'About.', type: 'GAUGE', metric: [{ label, gauge: { value: 0.25 } }] },
    ]);
  });

  it('a histogram has classic and native buckets, and the number of values is that of the native ones', () => {
    const value = { sum: 12.5, counts: [1, 0, 3], native: NATIVE };
    expect(decoded(familyBytes(histogram([{ labels: '', value }])))).toMatchObject([
      {
        type: 'HISTOGRAM',
        metric: [
          {
            histogram: {
              sampleCount: 15,
              sampleSum: 12.5,
              bucket: [
                { cumulativeCount: 1, upperBound: 0.1 },
                { cumulativeCount: 1, upperBound: 1 },
                { cumulativeCount: 4, upperBound: Infinity },
              ],
              schema: 3,
              zeroThreshold: 2 ** -128,
              zeroCount: 2,
              positiveSpan: [
                { offset: -7, length: 5 },
                { offset: 42, length: 1 },
              ],
              positiveDelta: [5, -2, -3, 0, 4, -3],
            },
          },
        ],
      },
    ]);
  });

  it('a histogram without native buckets is classic for Prometheus', () => {
    const value = { sum: 1, counts: [1, 0, 0], native: undefined };
    const classic = { sampleCount: 1, sampleSum: 1, zeroThreshold: 0, zeroCount: 0, positiveSpan: [] };
    expect(decoded(familyBytes(histogram([{ labels: '', value }])))).toMatchObject([
      { metric: [{ histogram: classic }] },
    ]);
  });

  it('a long family is one message, and the caller can pause while it is written', () => {
    const samples = Array.from({ length: 100 }, (_, index) => ({ labels: `a="${index}"`, value: index }));
    const parts = [...familyBytes(simpleFamily('c', 'About.', 'counter', () => samples))];
    expect(parts.findIndex((part) => part.length > 0)).toBeGreaterThan(5);
    const [family, ...others] = decoded(parts) as { metric: object[] }[];
    expect([family?.metric.length, others]).toEqual([100, []]);
  });
});

it('spans and differences contain the buckets, and nothing else', () => {
  const buckets = fc.dictionary(fc.integer({ min: -300, max: 300 }).map(String), fc.integer({ min: 1, max: 1e6 }));
  fc.assert(
    fc.property(buckets, (counts) => {
      const expected = new Map(Object.entries(counts).map(([index, count]) => [Number(index), count]));
      const { spans, deltas } = spansOf(expected);
      const found = new Map<number, number>();
      let [index, count, next] = [0, 0, 0];
      for (const [nth, { offset, length }] of spans.entries()) {
        if (nth > 0) expect(offset).toBeGreaterThan(2);
        index += offset;
        for (let each = 0; each < length; each += 1) {
          count += deltas[next++] ?? Number.NaN;
          if (count !== 0) found.set(index, count);
          index += 1;
        }
      }
      expect(next).toBe(deltas.length);
      expect(found).toEqual(expected);
    }),
  );
});

it('the families of a registry are the metrics of its own text', async () => {
  const registry = new Registry();
  const own = { registers: [registry], help: 'About.' };
  new Counter({ ...own, name: 'c_total', labelNames: ['a'] }).inc({ a: 'x"y' }, 2);
  new Gauge({ ...own, name: 'g', labelNames: ['a'] }).set({ a: '1' }, -0.5);
  new Gauge({ ...own, name: 'empty', labelNames: ['a'] }).reset();
  const times = new Histogram({ ...own, name: 'h', labelNames: ['kind'], buckets: [0.1, 1, 5] });
  for (const seconds of [0.05, 0.5, 0.6, 7]) times.observe({ kind: 'live' }, seconds);
  times.observe({ kind: 'reload' }, 3);
  const linesOf = (text: string) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      // prom-client writes `le` as the first label.
      .map((line) => line.replace(/\{(le="[^"]*"),([^}]*)\}/, '{$2,$1}'))
      .toSorted();
  const families = await registryFamilies(registry);
  expect(linesOf(families.map(textOf).join(''))).toEqual(linesOf(await registry.metrics()));
});

const DELIMITED = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
it.each([
  [undefined, false],
  ['', false],
  ['*/*', false],
  ['text/plain', false],
  ['application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5', false],
  // Prometheus 2.42 with --enable-feature=native-histograms, then Prometheus 3.
  [`${DELIMITED},application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`, true],
  [
    `${DELIMITED};q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3`,
    true,
  ],
  [`${DELIMITED};q=0.3,text/plain;q=0.6`, false],
  [`${DELIMITED};q=0`, false],
  ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text', false],
  ['application/vnd.google.protobuf;encoding=delimited', false],
])('a client that sends "Accept: %s" gets protobuf: %s', (accept, expected) => {
  expect(wantsProtobuf(accept)).toBe(expected);
});
