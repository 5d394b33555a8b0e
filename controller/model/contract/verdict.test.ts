import { expect, test } from 'vitest';
import { judgeValue, type Verdict } from './verdict.ts';

const later: Verdict = { kind: 'later', why: 'the module is not loaded', idle: [false] };

test('a key without effect says why, once it asks for something', () => {
  expect(judgeValue('use-geoip2', true, later)).toEqual({
    code: 'later-key',
    severity: 'warning',
    effect: 'none',
    message: 'use-geoip2 is not supported yet: the module is not loaded',
  });
  expect(judgeValue('use-geoip2', false, later)).toBeUndefined();
});

test('no-effect is a notice, unless the verdict says otherwise', () => {
  const verdict: Verdict = { kind: 'no-effect', why: 'nginx has it no more' };
  expect(judgeValue('x', 1, verdict)).toMatchObject({ code: 'no-effect-key', severity: 'notice' });
  expect(judgeValue('x', 1, { ...verdict, severity: 'error' })).toMatchObject({ severity: 'error' });
  expect(judgeValue('x', 1, { ...verdict, ownReport: true })).toBeUndefined();
});

test('a key with effect has no verdict', () => {
  expect(judgeValue('x', 1, undefined)).toBeUndefined();
});
