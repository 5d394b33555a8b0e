import { describe, expect, it } from 'vitest';
import type { Problem } from '../types/problem.ts';
import { problemText } from './problem-text.ts';

function text(problem: Pick<Problem, 'message' | 'effect'> & Partial<Problem>): string {
  return problemText({ code: 'invalid-annotation', severity: 'warning', ...problem }, () => undefined);
}

it('the text of a Problem does not show a value that only distinguishes Problems from one another', () => {
  expect(text({ code: 'no-service', message: 'Service a/b does not exist', effect: 'none', value: 'b:80' })).toBe(
    'Service a/b does not exist',
  );
});

describe('the value that a user has written', () => {
  it('is shown if the message does not show it', () => {
    expect(text({ message: 'size is not a size', effect: 'ignored-key', value: '"lots"' })).toBe(
      'size is not a size (found "lots"; the key has no effect)',
    );
    expect(text({ message: 'must be one of "true" or "false"', effect: 'none', value: '"truee"' })).toBe(
      'must be one of "true" or "false" (found "truee")',
    );
    expect(text({ message: 'is outside 1 to 80', effect: 'none', value: '8' })).toBe('is outside 1 to 80 (found 8)');
  });

  it('is not repeated if the message shows the value or its wrong part', () => {
    expect(text({ message: 'holds "office", which is wrong', effect: 'none', value: '"10.0.0.0/8, office"' })).toBe(
      'holds "office", which is wrong',
    );
    expect(text({ message: 'v1beta1 was removed', effect: 'converted', value: '"v1beta1"' })).toBe(
      'v1beta1 was removed',
    );
    expect(text({ message: 'is empty', effect: 'none', value: '""' })).toBe('is empty');
  });
});

it('the text of a Problem states that a corrected value is in force', () => {
  expect(text({ message: 'busy does not fit; 12k is used', effect: 'corrected-key' })).toBe(
    'busy does not fit; 12k is used (the key is in force with a corrected value)',
  );
});
