/** Tests cases that no API server produces on demand, with a scripted server. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FAST, sleep, untilTrue } from '../fixtures/emulated.ts';
import { loadApi } from './connection.ts';
import { createFeed } from './feed.ts';
import { createObjectStore } from './object-store.ts';
import { watchProblems } from './problems.ts';
import { startReflector } from './reflector.ts';
import type { Reflector } from './reflector.ts';
import type { Selection } from './resources.ts';
import { DEFAULT_TUNING } from './tuning.ts';
import type { Tuning } from './tuning.ts';

function stored(name: string, version: number, port = 80): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop', resourceVersion: String(version) },
    spec: { ports: [{ port }] },
  };
}

function event(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

interface Scripted {
  readonly reflector: Reflector;
  /** The requests in order: `list`, or the resourceVersion that a watch starts from. */
  readonly asked: string[];
  names(): string[];
}

/**
 * Starts a reflector on a scripted server. `script` handles the watches, numbered from 0; `listed` returns the content
 * of each list.
 */
async function scripted(
  script: (response: ServerResponse, watch: number) => void,
  listed: () => { version: number; items: readonly unknown[] | null } = () => ({
    version: 10,
    items: [stored('a', 5)],
  }),
  { selection = {}, tuning = {} }: { selection?: Partial<Selection>; tuning?: Partial<Tuning> } = {},
): Promise<Scripted> {
  const asked: string[] = [];
  let watches = 0;
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost');
    if (searchParams.get('watch') === 'true') {
      asked.push(searchParams.get('resourceVersion') ?? '');
      response.writeHead(200).flushHeaders();
      script(response, watches);
      watches += 1;
      return;
    }
    asked.push('list');
    const { version, items } = listed();
    response.end(JSON.stringify({ kind: 'ServiceList', metadata: { resourceVersion: String(version) }, items }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connection = await loadApi({ apiserverHost: `http://127.0.0.1:${port}` });
  const store = createObjectStore({ bySelector: false, services: new Set() });
  const reflector = startReflector({
    connection,
    tuning: { ...DEFAULT_TUNING, ...FAST, ...tuning },
    selection: { kind: 'Service', ...selection },
    feed: createFeed({ store, kind: 'Service', covers: () => true, onChange: () => {} }),
    mayBeForbidden: false,
    onState: () => {},
  });
  onTestFinished(async () => {
    reflector.stop();
    await connection.close();
    server.close();
    server.closeAllConnections();
  });
  return { reflector, asked, names: () => [...store.keys('Service')] };
}

test.each([
  ['half a line', '{"type":"ADDED","object":{"metada\n'],
  ['an event without an object', '{"type":"ADDED"}\n'],
  ['a line that is not JSON', 'upstream connect error\n'],
  ['a version older than the list', event('MODIFIED', stored('a', 3))],
  ['a bookmark older than the list', event('BOOKMARK', { metadata: { resourceVersion: '7' } })],
  ['an error about a future version', event('ERROR', { code: 504, message: 'Too large resource version: 10' })],
  ['an error whose reason is Expired', event('ERROR', { code: 500, reason: 'Expired', message: 'too old' })],
])('a watch that receives %s leads to a new list', async (_what, line) => {
  const found = await scripted((response, watch) => response.write(watch === 0 ? line : ''));
  await untilTrue(() => found.asked.length >= 4);
  expect(found.asked.slice(0, 4)).toEqual(['list', '10', 'list', '10']);
  expect(found.names()).toEqual(['shop/a']);
});

test('after a server error, the next watch continues at the last version', async () => {
  const found = await scripted((response, watch) => {
    if (watch > 0) return;
    response.write(event('ADDED', stored('b', 12)));
    response.write(event('BOOKMARK', { metadata: { resourceVersion: '20' } }));
    response.write(event('ERROR', { code: 500, reason: 'InternalError', message: 'etcd has no leader' }));
  });
  await untilTrue(() => found.asked.length >= 3);
  expect(found.asked.slice(0, 3)).toEqual(['list', '10', '20']);
  expect(found.names()).toEqual(['shop/a', 'shop/b']);
});

test('events of a watch are complete, however their bytes are split', async () => {
  const found = await scripted((response, watch) => {
    if (watch > 0) return;
    const wide = { ...stored('b', 12), note: 'ä€𝄞' };
    const bytes = Buffer.from(`\n${event('ADDED', wide)}\r\n${event('ADDED', stored('c', 13))}`);
    void (async () => {
      for (const byte of bytes) {
        response.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
  });
  await untilTrue(() => found.names().length === 3);
  expect(found.asked).toEqual(['list', '10']);
});

test('a malformed object is named and left out, and the other objects are handled', async () => {
  const items = [stored('a', 5), { metadata: { namespace: 'shop' } }, { metadata: { name: 'nowhere' } }, 'text'];
  const found = await scripted(
    (response) => {
      response.write(event('ADDED', { metadata: { name: '', namespace: 'shop' } }));
      response.write(event('ADDED', { ...stored('odd', 14), spec: { ports: 'eighty' } }));
      response.write(event('ADDED', stored('b', 15)));
    },
    () => ({ version: 10, items }),
  );
  await untilTrue(() => found.names().length === 2);
  expect(found.names()).toEqual(['shop/a', 'shop/b']);
  const problems = watchProblems([found.reflector]).map(({ object, message }) => [object?.name, message]);
  expect(problems).toEqual([
    ['nowhere', 'the object does not have the form of its kind, and is left out'],
    ['odd', 'the object does not have the form of its kind, and is left out'],
    [
      undefined,
      expect.stringMatching(
        /^3 objects that the API server lists as Service are malformed .* name or namespace is missing$/,
      ),
    ],
  ]);
});

test('an object that is nested too deep is left out and named until it is mended; its neighbours are handled', async () => {
  let deep: unknown = 'x';
  for (let level = 0; level < 100; level += 1) deep = [deep];
  const odd = (version: number) => ({ ...stored('odd', version), spec: { ports: deep } });
  const mend = Promise.withResolvers<void>();
  const found = await scripted(
    (response) => {
      response.write(event('ADDED', { ...stored('late', 11), spec: { ports: deep } }));
      response.write(event('ADDED', stored('b', 15)));
      void mend.promise.then(() => response.write(event('MODIFIED', stored('odd', 16))));
      void mend.promise.then(() => response.write(event('DELETED', stored('late', 17))));
    },
    () => ({ version: 10, items: [odd(4), stored('a', 5)] }),
  );
  await untilTrue(() => found.names().length === 2);
  expect(found.names()).toEqual(['shop/a', 'shop/b']);
  const named = () => watchProblems([found.reflector]).map(({ object, message }) => [object?.name, message]);
  const message = 'the object is nested more than 32 levels deep, and is left out';
  expect(named()).toEqual([
    ['late', message],
    ['odd', message],
  ]);
  mend.resolve();
  await untilTrue(() => named().length === 0);
  expect(found.names()).toContain('shop/odd');
});

test('a watch that receives nothing is closed, and followed by a list', async () => {
  const found = await scripted(() => {});
  await untilTrue(() => found.asked.length >= 3);
  expect(found.asked.slice(0, 3)).toEqual(['list', '10', 'list']);
});

test('a list whose items are null is empty', async () => {
  const found = await scripted(
    () => {},
    () => ({ version: 10, items: null }),
  );
  await untilTrue(() => found.reflector.state().synced);
  expect(found.names()).toEqual([]);
});

test('an object that is no longer listed is removed', async () => {
  let version = 0;
  const found = await scripted(
    (response) => response.end(event('ERROR', { code: 410, reason: 'Expired' })),
    () => ({ version: (version += 10), items: version === 10 ? [stored('a', 5), stored('b', 6)] : [stored('b', 6)] }),
  );
  await untilTrue(() => found.names().length === 1);
  expect(found.names()).toEqual(['shop/b']);
});

/** `flapCapMs` is the limit under test. Without it, the tenth step of the back-off would take 10 s. */
const STEEP: Partial<Tuning> = { backoffMs: 20, backoffCapMs: 60_000, flapCapMs: 40, random: () => 1 };

describe('watches that end as soon as they start', () => {
  const cut = (response: ServerResponse) => response.destroy();
  const close = (response: ServerResponse) => response.end();

  test.each([
    ['cut', cut, 'other side closed'],
    ['closed', close, 'watches of services end as soon as they start'],
  ])(
    'watches that are %s immediately are reported, until a watch lasts longer and delivers changes',
    async (_how, end, message) => {
      let ending = true;
      const found = await scripted(
        (response, watch) => {
          if (ending) end(response);
          else response.write(event('ADDED', stored(`late${watch}`, 20 + watch)));
        },
        undefined,
        { tuning: STEEP },
      );
      await untilTrue(() => found.asked.length > 14 && found.reflector.state().failure !== undefined);
      expect(found.reflector.state().failure?.message).toContain(message);
      expect(new Set(found.asked.slice(1))).toEqual(new Set(['10']));
      ending = false;
      await untilTrue(() => found.names().length === 2);
      expect(found.reflector.state().failure).toBeUndefined();
    },
  );

  test('watches that each end after a change are always restarted after the first step of the back-off', async () => {
    const found = await scripted(
      (response, watch) => response.end(event('ADDED', stored(`s${watch}`, 20 + watch))),
      undefined,
      { tuning: { ...STEEP, flapCapMs: 60_000 } },
    );
    await untilTrue(() => found.names().length > 14);
    expect(found.asked.slice(0, 4)).toEqual(['list', '10', '20', '21']);
    expect(found.reflector.state().failure).toBeUndefined();
  });

  test('the pauses between watches of a single name keep growing while each watch ends immediately', async () => {
    const found = await scripted(close, undefined, {
      tuning: { ...STEEP, backoffMs: 50 },
      selection: { namespace: 'shop', fieldSelector: 'metadata.name=a' },
    });
    // After pauses of 50 + 100 + 200 + 400 + 800 ms, the next pause is 1600 ms.
    await untilTrue(() => found.asked.length === 7);
    await sleep(200);
    expect(found.asked.length).toBe(7);
  });

  test('the pauses between watches that the server ends with an error keep growing', async () => {
    const failure = event('ERROR', { code: 500, reason: 'InternalError', message: 'etcd has no leader' });
    const found = await scripted((response) => response.end(failure), undefined, {
      tuning: { ...STEEP, backoffMs: 50 },
    });
    await untilTrue(() => found.asked.length === 7);
    await sleep(200);
    expect(found.asked.length).toBe(7);
  });
});
