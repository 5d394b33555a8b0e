/** A Secret with users and passwords → a file for nginx's `auth_basic_user_file`. */
import { createHash } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node';
import { decodedBytesOf } from '../../types/left-out.ts';
import type { FilePlan } from '../../types/plan.ts';
import { type Bounds, excess } from '../contract/bounds.ts';
import type { Judged } from '../contract/last-good.ts';
import { isPasswordHash } from './password-hash.ts';

/** `auth-file`: the entry `auth` of the Secret is a complete file. `auth-map`: each entry is a user with a password. */
export type PasswordForm = 'auth-file' | 'auth-map';

/**
 * The file for NGINX. `users`: number of users that can log in; `unusable`: the places in the Secret with passwords
 * that NGINX cannot check. Messages never quote the content of the Secret.
 */
export interface PasswordFile {
  readonly file: FilePlan;
  readonly users: number;
  readonly unusable: readonly string[];
}

/** A user, a colon, and a password; NGINX ignores everything after a second colon. */
const LINE = /^([^:\u0000-\u001f\u007f]{1,255}):([^:\u0000-\u001f\u007f]{1,512})(?::[^\u0000-\u001f\u007f]*)?$/;

type Refusal = Extract<Judged<PasswordFile>, { ok: false }>;

/** A line of the file, and its location in the Secret, for messages. */
interface Line {
  readonly text: string;
  readonly place: string;
}

function decode(encoded: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
}

function linesOf(secret: V1Secret, form: PasswordForm): readonly Line[] | Refusal {
  const data = secret.data ?? {};
  if (form === 'auth-map') {
    const users = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
    // Values that were made from files usually end with a line feed.
    return users.map(([user, encoded]) => ({
      text: `${user}:${decode(encoded)?.replace(/\r?\n$/, '') ?? '\u0000'}`,
      place: `key ${JSON.stringify(user)}`,
    }));
  }
  if (data['auth'] === undefined) return { ok: false, reason: 'has no key "auth"', gone: true };
  const text = decode(data['auth']);
  if (text === undefined) return { ok: false, reason: 'is not UTF-8 in its key "auth"' };
  return text.split(/\r?\n/).map((line, index) => ({ text: line, place: `line ${index + 1} of the key "auth"` }));
}

function sizeOf(secret: V1Secret): number {
  return Object.values(secret.data ?? {}).reduce((sum, encoded) => sum + decodedBytesOf(encoded), 0);
}

function read(secret: V1Secret, form: PasswordForm): Judged<PasswordFile> {
  const lines = linesOf(secret, form);
  if ('reason' in lines) return lines;
  // If a user occurs in several lines, the first line applies, as in NGINX, even if its password is unusable.
  const users = new Map<string, string | undefined>();
  const unusable: string[] = [];
  for (const { text, place } of lines) {
    // NGINX ignores comments and empty lines.
    if (form === 'auth-file' && (text === '' || text.startsWith('#'))) continue;
    const [, user, password] = LINE.exec(text) ?? [];
    if (user === undefined || password === undefined || user.startsWith('#'))
      return { ok: false, reason: `is not user:hash in ${place}` };
    if (users.has(user)) continue;
    const usable = isPasswordHash(password);
    users.set(user, usable ? password : undefined);
    if (!usable) unusable.push(place);
  }
  if (users.size === 0) return { ok: false, reason: 'names no user', gone: true };
  const known = [...users].filter(([, password]) => password !== undefined);
  const content = known.map(([user, password]) => `${user}:${password}\n`).join('');
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 32);
  return { ok: true, value: { file: { name: `${hash}.htpasswd`, content }, users: known.length, unusable } };
}

const memos = {
  'auth-file': new WeakMap<V1Secret, Judged<PasswordFile>>(),
  'auth-map': new WeakMap<V1Secret, Judged<PasswordFile>>(),
};

/** The file for a Secret. The result is remembered, so that the same Secret object gives the same file object. */
export function passwordFile(secret: V1Secret, form: PasswordForm, bounds: Bounds): Judged<PasswordFile> {
  const large = excess('authFileBytes', sizeOf(secret), bounds);
  if (large !== undefined) return { ok: false, reason: large };
  const known = memos[form].get(secret) ?? read(secret, form);
  memos[form].set(secret, known);
  return known;
}

export function tellUsers({ users }: PasswordFile): string {
  return users === 1 ? '1 user' : `${users} users`;
}
