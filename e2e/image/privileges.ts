/** Reads the privileges of a process from /proc/PID/status. */
import { readFileSync } from 'node:fs';

export interface Privileges {
  /** The real, effective, saved and file system ids of the user. */
  readonly uids: string;
  readonly gids: string;
  readonly groups: string;
  /** The inheritable, permitted, effective, bounding and ambient sets, in hexadecimal. */
  readonly capabilities: string;
  readonly noNewPrivileges: string;
}

/** The privileges of a process. Throws if the process does not exist. */
export function readPrivileges(pid: number): Privileges {
  const fields = new Map(
    readFileSync(`/proc/${pid}/status`, 'utf8')
      .split('\n')
      .map((line): [string, string] => {
        const [name = '', value = ''] = line.split(':\t', 2);
        return [name, value];
      }),
  );
  const field = (name: string) => (fields.get(name) ?? 'missing').trim().replaceAll('\t', ' ');
  return {
    uids: field('Uid'),
    gids: field('Gid'),
    groups: field('Groups'),
    capabilities: ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map(field).join(' '),
    noNewPrivileges: field('NoNewPrivs'),
  };
}

/** The privileges of a process of this user with only the user's own group, and without capabilities. */
export function unprivileged(uid: number): Privileges {
  const none = '0'.repeat(16);
  return {
    uids: Array(4).fill(uid).join(' '),
    gids: Array(4).fill(uid).join(' '),
    groups: '',
    capabilities: Array(5).fill(none).join(' '),
    noNewPrivileges: '1',
  };
}
