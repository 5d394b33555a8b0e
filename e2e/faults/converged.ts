/** Compares NGINX's nginx.conf, its live document, and the file from which it would start, with the manifests. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiClient } from '../../nginx/spec/live.ts';
import type { Instance } from '../runner/instance.ts';
import { comparable } from './source.ts';
import type { Source } from './source.ts';

/** Key of a live document → the MD5 of its text. */
type Digests = ReadonlyMap<string, string>;

/** Parses live.data, which docs/live-data.md describes. A batch without an end is ignored. */
export async function readJournal(path: string): Promise<{ revision: number; live: Map<string, string> }> {
  const live = new Map<string, string>();
  let revision = 0;
  let batch: [string, string | undefined][] = [];
  for (const line of (await readFile(path, 'utf8')).split('\n')) {
    const [word, key = ''] = line.split(' ', 2);
    if (word === 'begin') batch = [];
    else if (word === 'set') batch.push([key, line.slice(key.length + 5)]);
    else if (word === 'del') batch.push([key, undefined]);
    else if (word === 'end') {
      revision = Number(key);
      for (const [name, text] of batch) {
        if (text === undefined) live.delete(name);
        else live.set(name, createHash('md5').update(text).digest('hex'));
      }
    }
  }
  return { revision, live };
}

function missing(wanted: Digests, found: Digests, where: string): string | undefined {
  const wrong = [...wanted].filter(([key, md5]) => found.get(key) !== md5).map(([key]) => key);
  return wrong.length === 0 ? undefined : `${where} lacks ${wrong.length} of ${wanted.size}: ${wrong[0]}`;
}

/**
 * The first difference between NGINX and the manifests, or undefined. With `exact`, keys that the manifests do not have
 * are differences, too; NGINX has such keys until the grace period of removals is over.
 */
export async function difference(instance: Instance, source: Source, exact: boolean): Promise<string | undefined> {
  const { runDir } = instance;
  const conf = await readFile(join(runDir, 'conf/nginx.conf'), 'utf8');
  if (comparable(conf) !== source.conf) return 'nginx.conf on disk does not match the manifests';
  const api = apiClient(join(runDir, 'run/api/live.sock'));
  const { workers, revision } = await api.state();
  const newest = Math.max(...workers.map(({ generation }) => generation));
  const fresh = workers.filter(({ generation }) => generation === newest);
  if (fresh.length < (fresh[0]?.count ?? 1)) return `${fresh.length} workers of generation ${newest} run`;
  const behind = fresh.find((worker) => !conf.includes(`# Configuration checksum: ${worker.conf}`));
  if (behind !== undefined) return `worker ${behind.pid} runs on another nginx.conf, ${behind.conf}`;
  const keys = await api.keys();
  keys.delete('c:_');
  const lacking = missing(source.live, keys, 'NGINX');
  if (lacking !== undefined) return lacking;
  const surplus = [...keys.keys()].find((key) => !source.live.has(key));
  if (exact && surplus !== undefined) return `NGINX still has ${surplus}`;
  const journal = await readJournal(join(runDir, 'conf/live.data'));
  if (journal.revision !== revision) return `live.data is at revision ${journal.revision}, NGINX at ${revision}`;
  journal.live.delete('c:_');
  return missing(keys, journal.live, 'live.data') ?? missing(journal.live, keys, 'NGINX');
}

/**
 * Waits until there is no difference, and returns how many milliseconds it took. Rejects with the last difference and
 * the last lines of the log.
 */
export async function untilConverged(
  instance: Instance,
  source: Source,
  { timeout = 15_000, exact = false }: { readonly timeout?: number; readonly exact?: boolean } = {},
): Promise<number> {
  const started = performance.now();
  for (;;) {
    const last = await difference(instance, source, exact).catch(String);
    const ms = performance.now() - started;
    if (last === undefined) return ms;
    if (ms > timeout) {
      throw new Error(
        `NGINX differs from the manifests after ${timeout} ms: ${last}\n${instance.lines.slice(-30).join('\n')}`,
      );
    }
    await sleep(20);
  }
}
