import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type HttpServer, type HttpServerOptions, startHttpServer } from './http-server.ts';
import { createMetrics, type Metrics } from './metrics.ts';

const BUILD = { release: '0.1.0', build: 'abc', repository: 'https://example.com', nginx: '1.26.3' };
let server: HttpServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

function metrics(): Metrics {
  return createMetrics({
    enabled: true,
    controllerClass: 'k8s.io/ingress-nginx',
    namespace: 'edge',
    pod: 'one',
    build: BUILD,
    dataAgeMs: () => undefined,
    droppedEvents: () => ({ 'object-rate': 0, 'queue-full': 0, refused: 0, unreachable: 0 }),
    advisories: [],
    nginx: {
      workers: () => Promise.resolve(undefined),
      leftOutEndpoints: () => Promise.resolve(undefined),
      connections: () => Promise.resolve(undefined),
      processes: () => Promise.resolve(undefined),
    },
    requests: undefined,
    collect: () => Promise.resolve(),
    plan: () => undefined,
    defaultCertificate: '',
  });
}

async function start(options: Partial<HttpServerOptions> = {}): Promise<HttpServer | { readonly obstacle: string }> {
  const started = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    healthPath: '/healthz',
    sick: () => undefined,
    metrics: metrics(),
    build: BUILD,
    ...options,
  });
  if (!('obstacle' in started)) server = started;
  return started;
}

async function get(path: string, method = 'GET'): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(`http://127.0.0.1:${server?.port}${path}`, { method });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

it('the health check fails with a reason if the control loop does not run, and during shutdown', async () => {
  let sick: string | undefined;
  await start({ sick: () => sick });
  expect(await get('/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
  expect(await get('/healthz?verbose')).toMatchObject({ status: 200 });
  sick = 'the control loop has not moved for 35 s';
  expect(await get('/healthz')).toMatchObject({ status: 503, text: `${sick}\n` });
  sick = undefined;
  server?.shuttingDown();
  expect(await get('/healthz')).toMatchObject({ status: 503, text: 'shutting down\n' });
  // Metrics can still be scraped during shutdown.
  expect((await get('/metrics')).status).toBe(200);
});

it('serves the health check on the configured path, even if another page has that path', async () => {
  await start({ healthPath: '/metrics' });
  expect((await get('/metrics')).text).toBe('ok\n');
  expect((await get('/healthz')).status).toBe(404);
});

it('serves metrics and build information', async () => {
  await start();
  const page = await get('/metrics');
  expect(page.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(page.text).toContain('nginx_ingress_controller_build_info{');
  expect(JSON.parse((await get('/build')).text)).toEqual(BUILD);
});

it('answers HEAD without a body, 404 for other paths, and 405 for other methods', async () => {
  await start();
  const head = await get('/healthz', 'HEAD');
  expect(head).toMatchObject({ status: 200, text: '' });
  expect(head.headers.get('content-length')).toBe('3');
  expect((await get('/')).status).toBe(404);
  expect((await get('/healthz/')).status).toBe(404);
  const post = await get('/healthz', 'POST');
  expect(post.status).toBe(405);
  expect(post.headers.get('allow')).toBe('GET, HEAD');
});

it('answers 500 if a page throws, and continues to serve other pages', async () => {
  await start({
    sick: () => {
      throw new Error('broken');
    },
  });
  expect(await get('/healthz')).toMatchObject({ status: 500, text: 'Error: broken\n' });
  expect((await get('/build')).status).toBe(200);
});

it('answers 500 if the metrics cannot be read, and closes the connection if they end early', async () => {
  async function* broken(texts: readonly string[]): AsyncGenerator<string, void> {
    yield* texts;
    throw new Error('broken');
  }
  const page = (...texts: readonly string[]) => ({ contentType: 'text/plain', parts: broken(texts) });
  await start({ metrics: { ...metrics(), page: () => page() } });
  expect(await get('/metrics')).toMatchObject({ status: 500, text: 'Error: broken\n' });
  await server?.close();
  await start({ metrics: { ...metrics(), page: () => page('# first\n', '# second\n') } });
  await expect(get('/metrics')).rejects.toThrow();
  expect((await get('/build')).status).toBe(200);
});

it('reports the port that it could not bind', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve);
  });
  const { port } = other.address() as AddressInfo;
  const started = await start({ port });
  other.close();
  expect(started).toEqual({ obstacle: expect.stringMatching(`^--healthz-port ${port}: .*EADDRINUSE`) });
});

it('close() ends immediately, even if a client has an idle connection', async () => {
  await start({ host: '' });
  await get('/healthz');
  const began = performance.now();
  await server?.close();
  server = undefined;
  expect(performance.now() - began).toBeLessThan(1_000);
});
