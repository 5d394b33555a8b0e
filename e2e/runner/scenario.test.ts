/** An API server sets creation times itself, so that names must imply the ages that a scenario gives its Ingresses. */
import { expect, it } from 'vitest';
import { readScenario } from './scenario.ts';

function ofTwo(ingresses: readonly object[], more: object = {}) {
  return { name: 'n', about: 'a', requests: [{ expect: { status: 200 } }], control: {}, ingresses, ...more };
}
const young = '2021-01-01T00:00:00Z';
const old = '2020-01-01T00:00:00Z';

it('accepts an older Ingress after the younger one in the alphabet', () => {
  expect(() =>
    readScenario(
      ofTwo([
        { name: 'b', created: old },
        { name: 'a', created: young },
      ]),
    ),
  ).not.toThrow();
});

it.each([
  { what: 'rejects an older Ingress before the younger one in the alphabet', more: {}, refused: true },
  { what: 'accepts an older Ingress before the younger one with `alone`', more: { alone: true }, refused: false },
])('$what', ({ more, refused }) => {
  const read = () =>
    readScenario(
      ofTwo(
        [
          { name: 'a', created: old },
          { name: 'b', created: young },
        ],
        more,
      ),
    );
  if (refused) expect(read).toThrow('a is older than b');
  else expect(read).not.toThrow();
});

it('does not compare a canary with the Ingress it belongs to', () => {
  expect(() =>
    readScenario(
      ofTwo([
        { name: 'a', created: old, annotations: { canary: 'true' } },
        { name: 'b', created: young },
      ]),
    ),
  ).not.toThrow();
});
