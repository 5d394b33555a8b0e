/** The memory that is counted for a list of networks in a namespace's share is close to what NGINX needs. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DEFAULT_PREFIX } from '../model/features/annotations.ts';
import { NO_ENTRIES, readEntries } from '../model/ingress/entries.ts';
import { NO_OWNERS } from '../model/contract/host-owners.ts';
import { settingsOf } from '../model/settings/settings-of.ts';
import { costOf } from '../model/ingress/cost.ts';
import { finish } from '../types/steps.ts';
import { buildFixed, MODEL_OPTIONS } from './build-fixed.ts';
import { emptyWorld, put } from './incremental/world.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-geo-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function limited(list: readonly string[]) {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const annotations = {
    [`${DEFAULT_PREFIX}/limit-rps`]: '5',
    ...(list.length > 0 && { [`${DEFAULT_PREFIX}/limit-allowlist`]: list.join() }),
  };
  const rules = [{ host: 'a.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
  const ingress = { metadata: { namespace: 'a', name: 'web', annotations }, spec: { rules } };
  return put(emptyWorld(), 'Ingress', 'a/web', ingress).snapshot;
}

/** The memory that is counted for a list, and the geo block of nginx.conf. */
function counted(list: readonly string[]): { readonly memory: number; readonly geo: string } {
  const snapshot = limited(list);
  const options = { ...MODEL_OPTIONS, quarantine: new Map(), resolvedNames: new Map() };
  const { settings } = settingsOf(snapshot, options);
  const [entry] = finish(readEntries({ snapshot, options, settings, owners: NO_OWNERS }, NO_ENTRIES)).table.values();
  if (entry?.model === undefined) throw new Error('the Ingress is not read');
  const { conf } = buildFixed(snapshot).artifact;
  return { memory: costOf(entry.model).memory, geo: /^ *geo \$tidegate_exempt[^}]*\}/m.exec(conf)?.[0] ?? '' };
}

/** Bytes of memory that an NGINX with these directives at the http level uses, without memory-mapped files. */
async function memoryOf(text: string): Promise<number> {
  const [file, pid] = [path.join(folder, 'nginx.conf'), path.join(folder, 'nginx.pid')];
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${pid}; error_log stderr; events {}\nhttp { access_log off; variables_hash_max_size 4096; ${text}\n}\n`,
  );
  const nginx = spawn('nginx', ['-c', file, '-e', 'stderr'], { stdio: 'ignore' });
  const ended = new Promise((resolve) => nginx.once('exit', resolve));
  try {
    // NGINX writes its pid when it has read its configuration.
    await expect.poll(() => existsSync(pid) && readFileSync(pid, 'utf8') !== '', { timeout: 10_000 }).toBe(true);
    return Number(/^Anonymous:\s+(\d+)/m.exec(readFileSync(`/proc/${nginx.pid}/smaps_rollup`, 'utf8'))?.[1]) * 1024;
  } finally {
    nginx.kill('SIGKILL');
    await ended;
    rmSync(pid, { force: true });
  }
}

const hex = (index: number, by: number): string => ((index * by) % 65_536).toString(16);
const LISTS = {
  'scattered IPv4 addresses': (index: number) =>
    `${1 + ((index * 37) % 220)}.${(index * 101) % 256}.${(index * 7) % 256}.9`,
  'scattered IPv4 networks': (index: number) =>
    `${1 + ((index * 37) % 220)}.${(index * 101) % 256}.${index % 256}.0/24`,
  'consecutive IPv4 addresses': (index: number) => `10.0.${index >> 8}.${index & 255}`,
  'scattered IPv6 addresses': (index: number) => `2001:${hex(index, 331)}:${hex(index, 17)}:1:2:3:4:5`,
  'scattered IPv6 networks': (index: number) => `2001:${hex(index, 331)}:${hex(index, 17)}::/48`,
  'consecutive IPv6 addresses': (index: number) => `2001:db8::${hex(index, 1)}`,
};

test.each(Object.entries(LISTS))(
  'the memory counted for %s is between half and twice the memory that NGINX needs',
  async (_, network) => {
    const list = Array.from({ length: 2000 }, (__, index) => network(index + 1));
    const { memory, geo } = counted(list);
    expect(geo.split(';').length).toBeGreaterThan(1900);
    const real = (await memoryOf(geo)) - (await memoryOf(''));
    const share = memory - counted([]).memory;
    expect(share / real).toBeGreaterThan(0.5);
    expect(share / real).toBeLessThan(2);
  },
);
