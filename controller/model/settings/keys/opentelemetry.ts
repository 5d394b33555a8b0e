import { settings } from '../../contract/setting.ts';
import { fraction } from '../../values/fraction.ts';
import { bool, oneWordOf, wholeNumber } from '../../values/scalars.ts';
import { lineOfText } from '../../values/texts.ts';
import type { Verdict } from '../../contract/verdict.ts';

const LATER: Verdict<never> = { kind: 'later', why: 'NGINX sends no traces; trace headers are passed on unchanged' };
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
      about: 'Configuration file of OpenTelemetry.',
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
      about: "A client's trace context is trusted and continued.",
      good: ['true', 'false'],
      bad: ['on'],
      verdict: LATER,
    },
    'otlp-collector-host': {
      parser: text,
      fallback: '',
      about: 'Host of the trace collector.',
      good: ['collector.tracing.svc'],
      bad: ['a\tb'],
      verdict: LATER,
    },
    'otlp-collector-port': {
      parser: wholeNumber(1, 65_535),
      fallback: 4317,
      about: 'Port of the trace collector.',
      good: ['4317'],
      bad: ['0', 'grpc'],
      verdict: LATER,
    },
    'otel-service-name': {
      parser: text,
      fallback: 'nginx',
      about: 'Service name of the spans.',
      good: ['nginx', 'edge'],
      bad: ['a\tb'],
      verdict: LATER,
    },
    'otel-sampler': {
      parser: oneWordOf(['AlwaysOn', 'AlwaysOff', 'TraceIdRatioBased']),
      fallback: 'AlwaysOn',
      about: 'The sampler, which decides which requests are traced.',
      good: ['AlwaysOn', 'TraceIdRatioBased'],
      bad: ['sometimes'],
      verdict: LATER,
    },
    'otel-sampler-ratio': {
      parser: fraction,
      fallback: 0.01,
      about: 'Fraction of requests that are traced if `otel-sampler` is `TraceIdRatioBased`.',
      good: ['0.01', '1'],
      bad: ['1.5', 'half'],
      verdict: LATER,
    },
    'otel-sampler-parent-based': {
      parser: bool,
      fallback: true,
      about: "If a request arrives with a sampling decision, that decision takes precedence over the sampler's.",
      good: ['true', 'false'],
      bad: ['on'],
      verdict: LATER,
    },
    'otel-max-queuesize': {
      parser: count,
      fallback: 2048,
      about: 'Maximum number of spans in the queue.',
      good: ['2048'],
      bad: ['0', 'many'],
      verdict: LATER,
    },
    'otel-schedule-delay-millis': {
      parser: count,
      fallback: 5000,
      about: 'Milliseconds between two batches of spans.',
      good: ['5000'],
      bad: ['0', '5s'],
      verdict: LATER,
    },
    'otel-max-export-batch-size': {
      parser: count,
      fallback: 512,
      about: 'Maximum number of spans in a batch.',
      good: ['512'],
      bad: ['0', 'many'],
      verdict: LATER,
    },
  },
});
