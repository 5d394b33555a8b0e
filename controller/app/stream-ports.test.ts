import { expect, test } from 'vitest';
import { createStreamPorts, type KnownPorts, listensOn } from './stream-ports.ts';

const CONF = `stream {
    server {
        listen 5432;
        listen [::]:5432;
    }
    server {
        listen 53 udp reuseport;
    }
    server {
        listen 127.0.0.1:5433 ssl;
`;

test('finds the ports of nginx.conf', () => {
  const ports = ['TCP 5432', 'TCP 5433', 'TCP 53', 'UDP 53', 'UDP 5432', 'TCP 543'];
  expect(ports.map((port) => listensOn(CONF, port))).toEqual([true, true, false, true, false, false]);
});

test('ports are tried once, those of NGINX itself never, and unusable ones again', async () => {
  const taken = new Set(['TCP 1']);
  const tried: string[] = [];
  const told: KnownPorts[] = [];
  const ports = createStreamPorts({
    probe: (port) => {
      tried.push(port);
      return Promise.resolve(taken.has(port) ? 'it is in use' : undefined);
    },
    currentConf: () => CONF,
    changed: (known) => told.push(known),
    everyMs: 10,
  });
  expect(await ports.want(['TCP 1', 'TCP 2', 'TCP 5432'])).toBe(true);
  expect([...(told[0] ?? [])]).toEqual([
    ['TCP 1', 'it is in use'],
    ['TCP 2', ''],
    ['TCP 5432', ''],
  ]);
  expect(tried).toEqual(['TCP 1', 'TCP 2']);
  expect(await ports.want(['TCP 1', 'TCP 2', 'TCP 5432'])).toBe(false);
  taken.clear();
  await expect.poll(() => told.at(-1)?.get('TCP 1')).toBe('');
  expect(tried).not.toContain('TCP 5432');
  expect(await ports.want(['TCP 2'])).toBe(true);
  expect([...(told.at(-1)?.keys() ?? [])]).toEqual(['TCP 2']);
  ports.close();
});
