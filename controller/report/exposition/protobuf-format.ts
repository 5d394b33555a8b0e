/**
 * Writes metrics in Prometheus's protobuf format: messages MetricFamily, each preceded by its length. The numbers of
 * the fields are those of https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
 */
import protobuf from 'protobufjs/minimal.js';
import { type HistogramValue, type MetricFamily, type NativeValue, type Sample, SAMPLES_AT_A_TIME } from './family.ts';
import { labelsOf } from './label-text.ts';
import { spansOf } from './native-spans.ts';

/** The type of a family: the values of the enumeration MetricType. */
const TYPES = { counter: 0, gauge: 1, histogram: 4 } as const;
/** Values up to this one count as zero. Prometheus takes a histogram without this field for a classic one. */
const ZERO_THRESHOLD = 2 ** -128;

/** The types of protobuf fields, as they are transmitted. */
const [VARINT, DOUBLE, LENGTH_DELIMITED] = [0, 1, 2];
const FAMILY = { name: 1, help: 2, type: 3, metric: 4 };
const METRIC = { label: 1, gauge: 2, counter: 3, histogram: 7 };
const LABEL = { name: 1, value: 2 };
const NUMBER = { value: 1 };
const HISTOGRAM = {
  sampleCount: 1,
  sampleSum: 2,
  bucket: 3,
  schema: 5,
  zeroThreshold: 6,
  zeroCount: 7,
  positiveSpan: 12,
  positiveDelta: 13,
};
const BUCKET = { cumulativeCount: 1, upperBound: 2 };
const SPAN = { offset: 1, length: 2 };

const EMPTY = new Uint8Array();

/**
 * Yields the bytes of a family. As they begin with their length, they are yielded at the end; before, empty arrays are
 * yielded so that the caller can pause.
 */
export function* familyBytes(family: MetricFamily): Generator<Uint8Array, void> {
  const parts: Uint8Array[] = [];
  let writer = familyHead(family);
  let count = 0;
  for (const sample of family.samples()) {
    writeSample(writer, family, sample);
    count += 1;
    if (count % SAMPLES_AT_A_TIME !== 0) continue;
    parts.push(writer.finish());
    writer = protobuf.Writer.create();
    yield EMPTY;
  }
  parts.push(writer.finish());
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  yield protobuf.Writer.create().uint32(length).finish();
  yield* parts;
}

function familyHead({ name, about, type }: MetricFamily): protobuf.Writer {
  const writer = protobuf.Writer.create();
  field(writer, FAMILY.name, LENGTH_DELIMITED).string(name);
  field(writer, FAMILY.help, LENGTH_DELIMITED).string(about);
  field(writer, FAMILY.type, VARINT).uint32(TYPES[type]);
  return writer;
}

function writeSample(writer: protobuf.Writer, { type, bounds }: MetricFamily, { labels, value }: Sample): void {
  message(writer, FAMILY.metric, () => {
    for (const label of labelsOf(labels)) {
      message(writer, METRIC.label, () => {
        field(writer, LABEL.name, LENGTH_DELIMITED).string(label.name);
        field(writer, LABEL.value, LENGTH_DELIMITED).string(label.value);
      });
    }
    if (typeof value !== 'number')
      return message(writer, METRIC.histogram, () => writeHistogram(writer, bounds, value));
    message(writer, type === 'counter' ? METRIC.counter : METRIC.gauge, () => {
      field(writer, NUMBER.value, DOUBLE).double(value);
    });
  });
}

/** Writes the classic buckets and, if there are any, the native ones. */
function writeHistogram(writer: protobuf.Writer, bounds: readonly number[], value: HistogramValue): void {
  const { sum, counts, native } = value;
  const total = native === undefined ? sumOf(Array.from(counts)) : native.zero + sumOf([...native.buckets.values()]);
  field(writer, HISTOGRAM.sampleCount, VARINT).uint64(total);
  field(writer, HISTOGRAM.sampleSum, DOUBLE).double(sum);
  let count = 0;
  for (const [index, bound] of [...bounds, Infinity].entries()) {
    count += counts[index] ?? 0;
    message(writer, HISTOGRAM.bucket, () => {
      field(writer, BUCKET.cumulativeCount, VARINT).uint64(count);
      field(writer, BUCKET.upperBound, DOUBLE).double(bound);
    });
  }
  if (native !== undefined) writeNative(writer, native);
}

function writeNative(writer: protobuf.Writer, { schema, zero, buckets }: NativeValue): void {
  field(writer, HISTOGRAM.schema, VARINT).sint32(schema);
  field(writer, HISTOGRAM.zeroThreshold, DOUBLE).double(ZERO_THRESHOLD);
  field(writer, HISTOGRAM.zeroCount, VARINT).uint64(zero);
  const { spans, deltas } = spansOf(buckets);
  for (const { offset, length } of spans) {
    message(writer, HISTOGRAM.positiveSpan, () => {
      field(writer, SPAN.offset, VARINT).sint32(offset);
      field(writer, SPAN.length, VARINT).uint32(length);
    });
  }
  for (const delta of deltas) field(writer, HISTOGRAM.positiveDelta, VARINT).sint64(delta);
}

/** Begins a field: its value must be written next. */
function field(writer: protobuf.Writer, number: number, wireType: number): protobuf.Writer {
  return writer.uint32((number << 3) | wireType);
}

/** Writes a field that is itself a message. */
function message(writer: protobuf.Writer, number: number, write: () => void): void {
  field(writer, number, LENGTH_DELIMITED).fork();
  write();
  writer.ldelim();
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
