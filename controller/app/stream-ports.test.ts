import { expect, test } from 'vitest';
import { createStreamPorts, type KnownPorts, listensOn } from './stream-ports.ts';

const CONF = `http {
    server {
        listen 80;
    }
}
stream {
    server {
        listen 127.0.0.1:10247 udp;
    }

    # stream-snippet of the ConfigMap
    server {
        listen 9000;
    }
    # end of stream-snippet
    server {
        listen 5432;
        listen [::]:5432;
    }
    server {
        listen 53 udp reuseport;
    }
    server {
        listen 127.0.0.1:5433 ssl;
    }
}
`;

test('finds the ports of the stream block, but not those of stream-snippet and of other blocks', () => {
  const ports = ['TCP 5432', 'TCP 5433', 'TCP 53', 'UDP 53', 'UDP 5432', 'TCP 543', 'TCP 9000', 'TCP 80', 'UDP 10247'];
  const found = ports.filter((port) => listensOn(CONF, port));
  expect(found).toEqual(['TCP 5432', 'TCP 5433', 'UDP 53', 'UDP 10247']);
});

test('ports that NGINX could not bind after all are tried again, and without its own port there is no entry', async () => {
  const taken = new Map<string, string>();
  const told: KnownPorts[] = [];
  const ports = createStreamPorts({
    own: 'UDP 10247',
    probe: (port) => Promise.resolve(taken.get(port)),
    currentConf: () => undefined,
    changed: (known) => told.push(known),
    everyMs: 100_000,
  });
  await ports.want(['TCP 1', 'TCP 2']);
  expect(await ports.recheck()).toBe(false);
  taken.set('TCP 1', 'it is in use');
  expect(await ports.recheck()).toBe(true);
  expect([...(told.at(-1) ?? [])]).toEqual([
    ['TCP 1', 'it is in use'],
    ['TCP 2', ''],
  ]);
  taken.set('UDP 10247', 'it is in use by dig');
  expect(await ports.recheck()).toBe(true);
  expect(new Set(told.at(-1)?.values())).toEqual(
    new Set(['for this, NGINX also needs UDP port 10247: it is in use by dig; choose another with --stream-port']),
  );
  ports.close();
});

test('ports are tried once, those of NGINX itself never, and unusable ones again', async () => {
  const taken = new Set(['TCP 1']);
  const tried: string[] = [];
  const told: KnownPorts[] = [];
  const ports = createStreamPorts({
    own: 'UDP 10247',
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
