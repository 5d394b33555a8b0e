/** The shapes of a log line that is one JSON object. */
import type { LogDetails } from './log-details.ts';

/** A line before it is written; `time` is in ISO 8601 with milliseconds, in UTC. */
export interface LogEntry {
  readonly time: string;
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly message: string;
  readonly details: LogDetails | undefined;
}

/** Numbers of severities in the log data model of OpenTelemetry. */
const SEVERITY_NUMBERS: Readonly<Record<LogEntry['level'], number>> = { error: 17, warn: 13, info: 9, debug: 5 };
const NANOSECONDS_OF_MS = 1_000_000;

function plain({ time, level, message, details }: LogEntry): object {
  const { object, sinceMs, ...rest } = details ?? {};
  return {
    level,
    message,
    timestamp: time,
    ...rest,
    ...(object && { kind: object.kind, namespace: object.namespace, name: object.name }),
    ...(sinceMs !== undefined && { since_ms: sinceMs }),
  };
}

/** The Elastic Common Schema. A detail for which the schema has no field becomes a label. */
function ecs({ time, level, message, details }: LogEntry): object {
  const { event, code, object, reasons, ms, effect, field, value, file, line, sinceMs } = details ?? {};
  const labels = { effect, field, value, line, since_ms: sinceMs };
  return {
    '@timestamp': time,
    'log.level': level,
    message,
    'ecs.version': '8.11.0',
    'service.name': 'tidegate',
    'event.kind': 'event',
    'event.dataset': 'tidegate.controller',
    'event.action': event,
    'event.code': code,
    'event.reason': reasons?.join('; '),
    'event.duration': ms === undefined ? undefined : Math.round(ms * NANOSECONDS_OF_MS),
    ...(object && {
      'orchestrator.type': 'kubernetes',
      'orchestrator.namespace': object.namespace,
      'orchestrator.resource.type': object.kind.toLowerCase(),
      'orchestrator.resource.name': object.name,
    }),
    'file.path': file,
    ...(Object.values(labels).some((label) => label !== undefined) && { labels }),
  };
}

/** The log data model of OpenTelemetry, with names of its semantic conventions where there are some. */
function otel({ time, level, message, details }: LogEntry): object {
  const { event, code, object, reasons, ms, effect, field, value, file, line, sinceMs } = details ?? {};
  return {
    timestamp: time,
    severity_text: level.toUpperCase(),
    severity_number: SEVERITY_NUMBERS[level],
    body: message,
    resource: { 'service.name': 'tidegate' },
    ...(event !== undefined && {
      attributes: {
        'event.name': `tidegate.${event}`,
        'k8s.namespace.name': object?.namespace,
        'tidegate.object.kind': object?.kind,
        'tidegate.object.name': object?.name,
        'tidegate.code': code,
        'tidegate.effect': effect,
        'tidegate.field': field,
        'tidegate.value': value,
        'tidegate.reasons': reasons,
        'tidegate.duration_ms': ms,
        'tidegate.since_ms': sinceMs,
        'file.path': file,
        'file.line': line,
      },
    }),
  };
}

export const JSON_SHAPES = { json: plain, ecs, otel } as const;
