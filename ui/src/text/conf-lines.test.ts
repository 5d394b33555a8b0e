import { expect, test } from 'vitest';
import { confLines } from './conf-lines.ts';

const TEXT = `    # shop/a shop/b
    server {
        # shop/a: / -> web
        location "/" {
            set $a 1;
        }
        # shop/b: /b -> web
        location "/b" {
        }
    }
`;

test('each line has its number, its Ingress and its kind, without the margin of nginx.conf', () => {
  const sections = [
    { from: 3, to: 6, ingress: 'shop/a' },
    { from: 7, to: 9, ingress: 'shop/b' },
  ];
  const lines = confLines({ text: TEXT, sections });
  expect(lines.map(({ number, ingress, begins }) => [number, ingress, begins])).toEqual([
    [1, undefined, true],
    [2, undefined, false],
    [3, 'shop/a', true],
    [4, 'shop/a', false],
    [5, 'shop/a', false],
    [6, 'shop/a', false],
    [7, 'shop/b', true],
    [8, 'shop/b', false],
    [9, 'shop/b', false],
    [10, undefined, true],
  ]);
  expect(lines.slice(0, 5).map(({ text, kind }) => `${kind}: ${text}`)).toEqual([
    'comment: # shop/a shop/b',
    'block: server {',
    'comment:     # shop/a: / -> web',
    'block:     location "/" {',
    'directive:         set $a 1;',
  ]);
});

test('two sections of one Ingress both begin', () => {
  const sections = [
    { from: 3, to: 6, ingress: 'shop/a' },
    { from: 7, to: 9, ingress: 'shop/a' },
  ];
  expect(confLines({ text: TEXT, sections }).flatMap(({ number, begins }) => (begins ? [number] : []))).toEqual([
    1, 3, 7, 10,
  ]);
});
