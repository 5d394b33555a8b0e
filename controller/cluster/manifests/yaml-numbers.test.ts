import { describe, expect, it } from 'vitest';
import { parsePiece } from './yaml-text.ts';

function valueOf(scalar: string): unknown {
  const [document] = parsePiece(`key: ${scalar}\n`).documents;
  return (document?.toJS() as { key: unknown } | undefined)?.key;
}

describe('a YAML scalar', () => {
  it.each(['e2', 'E2', 'e-1', '-e2', '.e3', '.', '-.', '+.', '._', '_1', '.5_0', '1e', '0x', '0b_', '12e4567'])(
    '%s is text, as kubectl reads it',
    (scalar) => {
      expect(valueOf(scalar)).toBe(scalar);
    },
  );

  it.each(['1:30', '190:20:30', '2020-01-01', '1.2.3', '10.0.0.1', '8m'])('%s is text', (scalar) => {
    expect(valueOf(scalar)).toBe(scalar);
  });

  it.each([
    ['0', 0],
    ['80', 80],
    ['+1', 1],
    ['-1', -1],
    ['1_000', 1000],
    ['0x1F', 31],
    ['-0x1f', -31],
    ['017', 15],
    ['0o17', 15],
    ['089', 89],
    ['0b11', 3],
    ['1e3', 1000],
    ['1.', 1],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['-.5e1', -5],
    ['.inf', Infinity],
    ['yes', true],
    ['n', false],
    ['Off', false],
    ['~', null],
    ['Null', null],
  ])('%s without quotes has the value %s, as kubectl reads it', (scalar, value) => {
    expect(valueOf(scalar)).toBe(value);
  });

  it.each(['"80"', "'yes'", '"~"'])('%s is text because of its quotes', (scalar) => {
    expect(valueOf(scalar)).toBe(scalar.slice(1, -1));
  });
});
