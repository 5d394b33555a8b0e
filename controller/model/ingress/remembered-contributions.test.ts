import { expect, test } from 'vitest';
import { word } from '../../types/conf-value.ts';
import { directive } from '../../types/directive.ts';
import type { LocationContext, LocationContribution } from '../features/annotation.ts';
import { mergingOnce, remembering } from './remembered-contributions.ts';

/** A context with only those properties that differ between the paths of an Ingress. */
function contextOf(path: string, service = 'web', exempt = false): LocationContext {
  const given = { path, backend: { namespace: 'shop', service, port: 80 }, exemptFromAuth: () => exempt };
  return given as unknown as LocationContext;
}

/** A feature that counts its calls. */
function counted(answer: (context: LocationContext) => LocationContribution) {
  const calls: string[] = [];
  const ask = remembering((context) => {
    calls.push('');
    return answer(context);
  });
  return { ask, calls };
}

test('a feature that reads neither the path nor the Service is called once', () => {
  const { ask, calls } = counted(() => ({ regex: true }));
  expect(ask(contextOf('/b', 'other'))).toBe(ask(contextOf('/a')));
  expect(calls).toHaveLength(1);
});

test('a feature that reads the Service is called once for each Service', () => {
  const { ask, calls } = counted(({ backend }) => ({ route: { upstreamHost: backend.service } }));
  for (const path of ['/a', '/b']) {
    expect(ask(contextOf(path, 'web')).route?.upstreamHost).toBe('web');
    expect(ask(contextOf(path, 'other')).route?.upstreamHost).toBe('other');
  }
  expect(calls).toHaveLength(2);
});

test('a feature that reads the path is called for each path', () => {
  const { ask } = counted(({ path }) => ({ route: { upstreamHost: path } }));
  for (const path of ['/a', '/b', '/a']) expect(ask(contextOf(path)).route?.upstreamHost).toBe(path);
});

test('if a feature reads more properties for some paths than for others, each path gets its correct result', () => {
  const { ask } = counted(({ exemptFromAuth, backend }) =>
    exemptFromAuth() ? {} : { route: { upstreamHost: backend.service } },
  );
  const asked = (service: string, exempt: boolean) => ask(contextOf('/', service, exempt)).route?.upstreamHost;
  for (const _ of [1, 2]) {
    expect(asked('web', true)).toBeUndefined();
    expect(asked('web', false)).toBe('web');
    expect(asked('other', false)).toBe('other');
    expect(asked('other', true)).toBeUndefined();
  }
});

test('equal contributions share their lists of directives, even if each path has its own rewrite', () => {
  const merge = mergingOnce();
  const list: LocationContribution = { directives: [directive('satisfy', word('any'))] };
  const [first, second] = ['/a', '/b'].map((pattern) =>
    merge([list, { regex: true, rewrite: { pattern, target: ['/'] } }], undefined),
  );
  expect(first?.rewrite?.pattern).toBe('/a');
  expect(second?.rewrite?.pattern).toBe('/b');
  expect(second?.directives).toBe(first?.directives);
  expect(merge([list, {}], undefined).rewrite).toBeUndefined();
  expect(merge([list, {}], undefined).regex).toBe(false);
  expect(merge([list, {}], 'auth-url').route).toEqual({ deny: 503, closedBy: 'auth-url' });
});
