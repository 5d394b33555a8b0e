/** The server block of a host, and the logs that nginx.conf names. */
import path from 'node:path';
import type { Steps } from '../../types/steps.ts';
import type { ConfAnswer, LogsAnswer } from '../schema/pages.ts';
import type { Inspected } from '../source.ts';
import { findHost } from './host.ts';

/** Maximum number of characters of a block in an answer. */
const MOST_CHARACTERS = 4_000_000;

/** Undefined if nginx.conf has no server block for the host. */
export function* confAnswer({ plan, artifact }: Inspected, asked: string): Steps<ConfAnswer | undefined> {
  const found = yield* findHost(plan.static.hosts, asked);
  const block = found === undefined ? undefined : artifact.serverBlock(found.host);
  if (found === undefined || block === undefined) return undefined;
  const whole = block.replace(/^\n+/, '');
  yield;
  return {
    host: found.host.host,
    match: found.match,
    ingresses: found.host.owners.map(({ namespace, name }) => `${namespace}/${name}`),
    text: whole.slice(0, MOST_CHARACTERS),
    sections: artifact.sectionsOf(found.host, whole).map(({ from, to, owner: { namespace, name } }) => {
      return { from, to, ingress: `${namespace}/${name}` };
    }),
    bytes: Buffer.byteLength(whole),
    truncated: whole.length > MOST_CHARACTERS,
  };
}

/** The targets of the logs at the level of all hosts. `prefix`: where NGINX resolves relative paths, if that is known. */
export function logsAnswer(conf: string, prefix: string | undefined): LogsAnswer {
  const end = conf.indexOf('\n    server {');
  const head = end < 0 ? conf : conf.slice(0, end);
  const targetsOf = (directive: string) =>
    [...new Set([...head.matchAll(new RegExp(`^ *${directive} ([^\\s;]+)`, 'gm'))].map(([, target = '']) => target))]
      .filter((target) => target !== 'off')
      .map((target) => ({ target, file: fileOf(target, prefix) }));
  return { access: targetsOf('access_log'), error: targetsOf('error_log') };
}

function fileOf(target: string, prefix: string | undefined): string | null {
  if (prefix === undefined || /^(syslog:|stderr$|\/dev\/)/.test(target)) return null;
  return path.resolve(prefix, target);
}
