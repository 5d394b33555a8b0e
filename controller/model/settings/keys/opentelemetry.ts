import { settings } from '../../contract/setting.ts';
import { fraction } from '../../values/fraction.ts';
import { bool, oneOf, wholeNumber } from '../../values/scalars.ts';
import { lineOfText } from '../../values/texts.ts';
import type { Verdict } from '../../contract/verdict.ts';

const LATER: Verdict<never> = { kind: 'later', why: 'NGINX sends no traces; headers of traces pass unchanged' };
const text = lineOfText(253);
const count = wholeNumber(1, 2 ** 31 - 1);

export default settings({
  chapter: 'Modules',
  keys: {
    'enable-opentelemetry': {
      parser: bool,
      fallback: false,
      about: 'NGINX sends traces of requests.',
      good: ['true', 'false'],
      bad: ['on'],
      verdict: LATER,
    },
    'opentelemetry-config': {
      parser: text,
      fallback: '/etc/ingress-controller/telemetry/opentelemetry.toml',
      about: 'File for what the other keys say.',
      good: ['/etc/ingress-controller/telemetry/opentelemetry.toml'],
      bad: ['a\tb'],
      verdict: LATER,
    },
    'opentelemetry-operation-name': {
      parser: text,
      fallback: '',
      about: 'Name of the spans.',
      good: ['HTTP $request_method $service_name'],
      bad: ['a\tb'],
      verdict: LATER,
    },
    'opentelemetry-trust-incoming-span': {
      parser: bool,
      fallback: true,
      about: "A client's trace is continued.",
      good: ['true', 'false'],
      bad: ['on'],
      verdict: LATER,
    },
    'otlp-collector-host': {
      parser: text,
      fallback: '',
      about: 'Host that takes the traces.',
      good: ['collector.tracing.svc'],
      bad: ['a\tb'],
      verdict: LATER,
    },
    'otlp-collector-port': {
      parser: wholeNumber(1, 65_535),
      fallback: 4317,
      about: 'Its port.',
      good: ['4317'],
      bad: ['0', 'grpc'],
      verdict: LATER,
    },
    'otel-service-name': {
      parser: text,
      fallback: 'nginx',
      about: 'Service that the spans say they are of.',
      good: ['nginx', 'edge'],
      bad: ['a\tb'],
      verdict: LATER,
    },
    'otel-sampler': {
      parser: oneOf(['AlwaysOn', 'AlwaysOff', 'TraceIdRatioBased']),
      fallback: 'AlwaysOn',
      about: 'Which requests are traced.',
      good: ['AlwaysOn', 'TraceIdRatioBased'],
      bad: ['sometimes'],
      verdict: LATER,
    },
    'otel-sampler-ratio': {
      parser: fraction,
      fallback: 0.01,
      about: 'The part of requests that TraceIdRatioBased traces.',
      good: ['0.01', '1'],
      bad: ['1.5', 'half'],
      verdict: LATER,
    },
    'otel-sampler-parent-based': {
      parser: bool,
      fallback: true,
      about: "A client's own choice goes before the sampler's.",
      good: ['true', 'false'],
      bad: ['on'],
      verdict: LATER,
    },
    'otel-max-queuesize': {
      parser: count,
      fallback: 2048,
      about: 'Spans that wait at most.',
      good: ['2048'],
      bad: ['0', 'many'],
      verdict: LATER,
    },
    'otel-schedule-delay-millis': {
      parser: count,
      fallback: 5000,
      about: 'Milliseconds from one batch of spans to the next.',
      good: ['5000'],
      bad: ['0', '5s'],
      verdict: LATER,
    },
    'otel-max-export-batch-size': {
      parser: count,
      fallback: 512,
      about: 'Spans of a batch.',
      good: ['512'],
      bad: ['0', 'many'],
      verdict: LATER,
    },
  },
});
