/** An API server sets creation times itself, so names must imply the ages that a scenario gives its Ingresses. */
import { expect, it } from 'vitest';
import { readScenario } from './scenario.ts';

function ofTwo(ingresses: readonly object[], more: object = {}) {
  return { name: 'n', about: 'a', requests: [{ expect: { status: 200 } }], control: {}, ingresses, ...more };
}
const young = '2021-01-01T00:00:00Z';
const old = '2020-01-01T00:00:00Z';

it('a scenario may contain an older Ingress whose name follows that of the younger one in the alphabet', () => {
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
  {
    what: 'a scenario with an older Ingress whose name precedes that of the younger one is rejected',
    more: {},
    refused: true,
  },
  {
    what: 'a scenario with `alone` may contain an older Ingress whose name precedes that of the younger one',
    more: { alone: true },
    refused: false,
  },
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

it('the names of a canary and of the Ingress that it belongs to may be in any order', () => {
  expect(() =>
    readScenario(
      ofTwo([
        { name: 'a', created: old, annotations: { canary: 'true' } },
        { name: 'b', created: young },
      ]),
    ),
  ).not.toThrow();
});
