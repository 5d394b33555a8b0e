import { annotations } from '../annotation.ts';
import { accept, type Parser, reject } from '../../contract/parser.ts';
import { bool } from '../../values/scalars.ts';

const operation: Parser<string> = {
  accepts: 'letters, digits, _ and -',
  parse: (raw) =>
    /^[A-Za-z0-9_-]*$/.test(raw.replaceAll(' ', '')) ? accept(raw) : reject('contains a character that is not allowed'),
};

const why = 'requests create no spans';
const part = { onInvalid: 'ignored', scope: 'location', live: false } as const;

export default annotations({
  group: 'OpenTelemetry',
  keys: {
    'enable-opentelemetry': {
      ...part,
      parser: bool,
      risk: 'low',
      verdict: { kind: 'later', why, idle: [false] },
      about: 'Whether requests for the paths create spans.',
      good: ['true', 'false'],
      bad: ['on', 'yes'],
    },
    'opentelemetry-trust-incoming-span': {
      ...part,
      parser: bool,
      risk: 'low',
      verdict: { kind: 'later', why },
      about: "Whether the client's trace context becomes the parent of the span.",
      good: ['true', 'false'],
      bad: ['on', 'yes'],
    },
    'opentelemetry-operation-name': {
      ...part,
      parser: operation,
      risk: 'medium',
      verdict: { kind: 'later', why },
      about: 'The name of the span.',
      good: ['shop-checkout'],
      bad: ['a.b', '$uri'],
    },
  },
});
