import { expect, test } from 'vitest';
import { isNginxVariable } from '../values/nginx-variables.ts';
import { isRequestVariable } from '../contract/request-variables.ts';
import { variablesIn } from '../values/log-format.ts';
import { accessLogFormat } from './access-log-format.ts';
import { readSettings } from './settings.ts';

/** Variables that are numbers in every request. */
const NUMBERS = new Set(['bytes_sent', 'body_bytes_sent', 'request_length', 'request_time']);

test.for(['json', 'ecs'] as const)(
  'the preset %s is one JSON object whose only unquoted values are numbers',
  (preset) => {
    const { format, escape } = accessLogFormat(readSettings({ data: { 'log-format-preset': preset } }).settings);
    expect(escape).toBe('json');
    const line = format.replaceAll(/\$(\w+)/g, (_, name: string) => (NUMBERS.has(name) ? '1.5' : `<${name}>`));
    const entry = JSON.parse(line) as Record<string, unknown>;
    for (const value of Object.values(entry)) expect(value === 1.5 || typeof value === 'string').toBe(true);
    const unknown = [...variablesIn(format)].filter((name) => !isNginxVariable(name) && !isRequestVariable(name));
    expect(unknown).toEqual([]);
  },
);

test('without a preset, log-format-upstream is used with its own escaping', () => {
  const data = { 'log-format-upstream': '$status', 'log-format-escape-json': 'true' };
  expect(accessLogFormat(readSettings({ data }).settings)).toEqual({ format: '$status', escape: 'json' });
});
