import { expect, test } from 'vitest';
import { judgeValue, type Verdict } from './verdict.ts';

const later: Verdict = { kind: 'later', why: 'the module is not loaded', idle: [false] };

test('a key that is not supported yet is reported with the reason, unless its value requests nothing', () => {
  expect(judgeValue('use-geoip2', true, later)).toEqual({
    code: 'later-key',
    severity: 'warning',
    effect: 'none',
    message: 'use-geoip2 is not supported yet: the module is not loaded',
  });
  expect(judgeValue('use-geoip2', false, later)).toBeUndefined();
});

test('a no-effect key is reported as a notice, unless the verdict specifies otherwise', () => {
  const verdict: Verdict = { kind: 'no-effect', why: 'nginx no longer has the directive' };
  expect(judgeValue('x', 1, verdict)).toMatchObject({ code: 'no-effect-key', severity: 'notice' });
  expect(judgeValue('x', 1, { ...verdict, severity: 'error' })).toMatchObject({ severity: 'error' });
  expect(judgeValue('x', 1, { ...verdict, ownReport: true })).toBeUndefined();
});

test('a key without a verdict causes no Problem', () => {
  expect(judgeValue('x', 1, undefined)).toBeUndefined();
});
