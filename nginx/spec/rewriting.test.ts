/** Routes with the field `rewrite`: which URL the backend receives, and which requests are refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveRewrite } from '../../controller/types/live.ts';
import { startBackend } from './backends.ts';
import type { Backend, Seen } from './backends.ts';
import { startFixture } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { endpoints, route } from './live.ts';

const ID = '00000000000000aa';

let nginx: Fixture;
let backend: Backend;

beforeAll(async () => {
  backend = await startBackend('one');
  nginx = await startFixture();
  await nginx.api.push({ 'b:shop/web/80': endpoints(backend.port) });
});

afterAll(async () => {
  await nginx?.stop();
  await backend?.close();
});

/** The status of the response, and the URL that the backend received; undefined if it received no request. */
async function rewritten(rewrite: LiveRewrite, path: string): Promise<[number, string | undefined]> {
  await nginx.api.push({ [`r:${ID}`]: route('shop/web/80', { rewrite }) });
  const answer = await nginx.get(path, ID);
  return [answer.status, answer.status === 200 ? (JSON.parse(answer.body) as Seen).url : undefined];
}

describe('a rewrite', () => {
  const rows: readonly [string, LiveRewrite, string, number, string?][] = [
    [
      'to a literal path replaces the path and keeps the query',
      { pattern: '/app', target: ['/'] },
      '/app/x?a=b',
      200,
      '/?a=b',
    ],
    [
      'to a capture sends the captured part of the path',
      { pattern: '/app(/|$)(.*)', target: ['/', 2] },
      '/app/x/y?a=b',
      200,
      '/x/y?a=b',
    ],
    [
      'replaces the whole path even if its pattern matches only the beginning',
      { pattern: '/app', target: ['/new'] },
      '/app/and/more',
      200,
      '/new',
    ],
    ['matches its pattern regardless of case', { pattern: '/app/(.*)', target: ['/', 1] }, '/APP/Xy', 200, '/Xy'],
    [
      'matches its pattern only from the beginning of the path',
      { pattern: '/app', target: ['/new'] },
      '/my/app',
      200,
      '/my/app',
    ],
    ['may have an anchor in its pattern', { pattern: '^/app', target: ['/new'] }, '/app', 200, '/new'],
    [
      'inserts nothing for a group that did not match',
      { pattern: '/a(x)?(/.*)', target: ['/p', 1, 2] },
      '/a/b',
      200,
      '/p/b',
    ],
    ['inserts nothing for a group that does not exist', { pattern: '/a', target: ['/p', 9] }, '/a', 200, '/p'],
    ['adds a leading slash to its result', { pattern: '/a/(.*)', target: [1] }, '/a/b', 200, '/b'],
    ['with an empty target sends the path /', { pattern: '/a', target: [] }, '/a', 200, '/'],
    [
      'encodes decoded characters of a capture again',
      { pattern: '/a/(.*)', target: ['/', 1] },
      '/a/%20%3F%23%C3%A4%0d%0aX',
      200,
      '/%20%3F%23%C3%A4%0D%0AX',
    ],
    [
      'leaves a double encoding in a capture unchanged',
      { pattern: '/a/(.*)', target: ['/', 1] },
      '/a/%252e%252e/x',
      200,
      '/%252e%252e/x',
    ],
    [
      'may have a query with captures, to which the query of the request is appended',
      { pattern: '/a/(.*)', target: ['/b?c=', 1, '&d'] },
      '/a/x%26y%20z?e=f',
      200,
      '/b?c=x%26y%20z&d&e=f',
    ],
    [
      'whose target ends with ? drops the query of the request',
      { pattern: '/a', target: ['/b?'] },
      '/a?e=f',
      200,
      '/b',
    ],
    [
      'whose target has a query and ends with ? replaces the query of the request',
      { pattern: '/a', target: ['/b?c=d?'] },
      '/a?e=f',
      200,
      '/b?c=d',
    ],
    ['whose target contains a dot segment is refused', { pattern: '/a/(.*)', target: ['/b/', 1, '../c'] }, '/a/', 400],
    ['whose result contains a dot segment is refused', { pattern: '/a(.*)', target: ['/b/', 1] }, '/a..', 400],
    [
      'whose result contains a single-dot segment is refused',
      { pattern: '/a(.*)/c', target: ['/b/', 1, '/c'] },
      '/a./c',
      400,
    ],
    [
      'whose result contains a dot segment with a parameter is refused',
      { pattern: '/a(.*)', target: ['/b/', 1] },
      '/a..;x=1/c',
      400,
    ],
    [
      'whose result contains a dot segment with a semicolon at its end is refused',
      { pattern: '/a(.*)', target: ['/b/', 1] },
      '/a..;',
      400,
    ],
    [
      'that copies a dot segment from the request is refused',
      { pattern: '/a/(.*)', target: ['/', 1] },
      '/a/..;/admin',
      400,
    ],
    [
      'that copies an encoded dot segment from the request is refused',
      { pattern: '/a/(.*)', target: ['/', 1] },
      '/a/%2e%2e%3b/admin',
      400,
    ],
    [
      'whose result contains a single-dot segment with a parameter is refused',
      { pattern: '/a/(.*)', target: ['/', 1] },
      '/a/.;/admin',
      400,
    ],
    [
      'that copies dots followed by a backslash is refused',
      { pattern: '/a/(.*)', target: ['/', 1] },
      '/a/..%5cadmin',
      400,
    ],
    ['that copies dots after a backslash is refused', { pattern: '/a/(.*)', target: ['/', 1] }, '/a/x%5c..', 400],
    [
      'that copies dots followed by an encoded slash is refused',
      { pattern: '/a(.*)', target: ['/b/', 1] },
      '/a..%2fc',
      400,
    ],
    [
      'may copy parameters that do not form dot segments',
      { pattern: '/a/(.*)', target: ['/', 1] },
      '/a/x..;/y;..',
      200,
      '/x..;/y;..',
    ],
    [
      'may copy dots that do not form dot segments',
      { pattern: '/a/(.*)', target: ['/b/', 1] },
      '/a/..x/.y/...',
      200,
      '/b/..x/.y/...',
    ],
  ];
  it.each(rows)('%s', async (_name, rewrite, path, status, url) => {
    expect(await rewritten(rewrite, path)).toEqual([status, url]);
  });

  it('leads to 500 and a log line if matching its pattern takes too long', async () => {
    const started = performance.now();
    const [status] = await rewritten({ pattern: '/(a+)+$', target: ['/'] }, `/${'a'.repeat(60)}!`);
    expect(status).toBe(500);
    expect(performance.now() - started).toBeLessThan(1000);
    expect(nginx.errorLog()).toContain('tidegate: rewrite:');
  });
});
