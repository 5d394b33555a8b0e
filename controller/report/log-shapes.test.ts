import { expect, test } from 'vitest';
import { outcomeDetails, problemDetails } from './log-details.ts';
import { JSON_SHAPES, type LogEntry } from './log-shapes.ts';

const TIME = '2026-11-30T03:20:11.250Z';
const ENTRY: LogEntry = {
  time: TIME,
  level: 'warn',
  message: 'shop.yaml:12:3: Ingress shop/web: …',
  details: problemDetails(
    'problem',
    {
      code: 'invalid-annotation',
      severity: 'warning',
      effect: 'ignored-key',
      object: { kind: 'Ingress', namespace: 'shop', name: 'web' },
      field: ['metadata', 'annotations', 'example.com/limit-rps'],
      value: '"ten"',
      message: 'must be a whole number',
    },
    () => ({ file: 'shop.yaml', line: 12, column: 3 }),
  ),
};
const RELOAD: LogEntry = {
  time: TIME,
  level: 'info',
  message: 'reload: …',
  details: outcomeDetails({ kind: 'reload', generation: 3, testMs: 40, reloadMs: 60 }, ['a', 'b'], 250),
};

/** What is printed: without fields whose value is undefined. */
function printed(shape: keyof typeof JSON_SHAPES, entry: LogEntry): unknown {
  return JSON.parse(JSON.stringify(JSON_SHAPES[shape](entry)));
}

test('json: the fields of a Problem and of a change are beside the message', () => {
  expect(printed('json', ENTRY)).toEqual({
    level: 'warn',
    message: ENTRY.message,
    timestamp: TIME,
    event: 'problem',
    code: 'invalid-annotation',
    effect: 'ignored-key',
    field: 'metadata.annotations["example.com/limit-rps"]',
    value: '"ten"',
    file: 'shop.yaml',
    line: 12,
    kind: 'Ingress',
    namespace: 'shop',
    name: 'web',
  });
  expect(printed('json', RELOAD)).toMatchObject({ event: 'reload', reasons: ['a', 'b'], ms: 100, since_ms: 250 });
});

test('ecs: durations are in nanoseconds, and fields without a name in the schema are labels', () => {
  expect(printed('ecs', ENTRY)).toMatchObject({
    '@timestamp': TIME,
    'log.level': 'warn',
    'event.code': 'invalid-annotation',
    'orchestrator.resource.type': 'ingress',
    'orchestrator.resource.name': 'web',
    'file.path': 'shop.yaml',
    labels: { effect: 'ignored-key', value: '"ten"', line: 12 },
  });
  expect(printed('ecs', RELOAD)).toMatchObject({ 'event.reason': 'a; b', 'event.duration': 100_000_000 });
});

test('otel: severity has a number, and a line without details has no attributes', () => {
  expect(printed('otel', ENTRY)).toMatchObject({
    severity_text: 'WARN',
    severity_number: 13,
    body: ENTRY.message,
    attributes: { 'event.name': 'tidegate.problem', 'k8s.namespace.name': 'shop', 'tidegate.object.name': 'web' },
  });
  const plain = printed('otel', { time: TIME, level: 'info', message: 'a', details: undefined });
  expect(plain).toEqual({
    timestamp: TIME,
    severity_text: 'INFO',
    severity_number: 9,
    body: 'a',
    resource: { 'service.name': 'tidegate' },
  });
});
