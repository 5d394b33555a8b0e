import { expect, test } from 'vitest';
import type { RefusedText } from '../model/contract/setting-texts.ts';
import { createLeaveUnbound, refusedSnippets, unboundPorts } from './unbound.ts';

const BOUND = 'bind() to 0.0.0.0:9000 failed (98: Address already in use)';

test('finds the ports in messages of nginx', () => {
  const lines = [
    `NGINX did not accept the new configuration: ${BOUND}`,
    'nginx: [emerg] bind() to [::]:53 failed (13: Permission denied)',
    'nginx: [emerg] bind() to unix:/run/x.sock failed (98: Address already in use)',
    'nginx: [emerg] still could not bind()',
  ];
  expect([...unboundPorts(lines)]).toEqual([
    [9000, BOUND],
    [53, 'bind() to [::]:53 failed (13: Permission denied)'],
  ]);
});

test.each([
  ['server { listen 9000; return hi; }', true],
  ['server { listen 192.0.2.1:9000 udp; }', true],
  ['server { listen [::]:8990-9010; }', true],
  ['server { listen 90000; }', false],
  ['server { listen 9001; proxy_pass 127.0.0.1:9000; }', false],
  ['server { listen unix:/run/9000; }', false],
])('%s', (text, isRefused) => {
  const refused = refusedSnippets(new Map([['stream-snippet', text]]), new Map([[9000, BOUND]]));
  expect([...refused]).toEqual(isRefused ? [['stream-snippet', { text, message: BOUND }]] : []);
});

function leaving(taken: readonly string[], ports = false) {
  const refused = new Map<string, RefusedText>();
  const leave = createLeaveUnbound({
    state: { refuseTexts: (texts) => texts.forEach((text, name) => refused.set(name, text)) },
    streamPorts: { recheck: () => Promise.resolve(ports) },
    probe: (port) => Promise.resolve(taken.includes(port) ? 'it is in use' : undefined),
  });
  return { refused, leave };
}

const FAILURE = { kind: 'failed', message: BOUND, errorLog: [], ms: 1 } as const;
const BUILT = {
  plan: { settingTexts: new Map([['use-http3', 'true']]) },
  artifact: { conf: 'http {\n        listen 9000 ssl;\n        listen 9000 quic reuseport;\n' },
};

test('HTTP/3 is left out if another program uses its UDP port', async () => {
  const { refused, leave } = leaving(['UDP 9000']);
  expect(await leave(BUILT, FAILURE)).toBe(true);
  expect(refused.get('use-http3')?.message).toBe(`${BOUND}: UDP port 9000: it is in use`);
  const free = leaving([]);
  expect([await free.leave(BUILT, FAILURE), free.refused.size]).toEqual([false, 0]);
});

test('if an entry explains the failure, settings stay in force', async () => {
  const { refused, leave } = leaving(['UDP 9000'], true);
  expect([await leave(BUILT, FAILURE), refused.size]).toEqual([true, 0]);
  expect(await leave(BUILT, { ...FAILURE, message: 'NGINX did not answer' })).toBe(false);
});
