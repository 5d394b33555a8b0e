import type { ObjectRef, Problem } from '../../types/problem.ts';
import type { PathModel } from './ingress-rules.ts';
import { countGroups } from '../values/regex/groups.ts';

/**
 * Reports capture groups that a rewrite-target names but the path does not have; NGINX replaces them with nothing. One
 * Problem per Ingress.
 */
export function emptyGroups(hosts: ReadonlyMap<string, readonly PathModel[]>, object: ObjectRef): Problem[] {
  const lacking = [...hosts.values()].flat().flatMap((path) => {
    const named = (path.settings.rewrite?.target ?? []).filter((piece) => typeof piece === 'number');
    const most = Math.max(0, ...named);
    return most > 0 && most > countGroups(path.text) ? [{ path, most }] : [];
  });
  const [first] = lacking;
  if (first === undefined) return [];
  const { path, most } = first;
  const has = countGroups(path.text);
  const others = lacking.length - 1;
  return [
    {
      code: 'rewrite-group',
      severity: 'warning',
      effect: 'none',
      object,
      field: [...path.field, 'path'],
      value: path.text,
      message:
        `rewrite-target uses $${most}, but path ${path.text} has ` +
        `${has === 0 ? 'no groups' : `only ${has} ${has === 1 ? 'group' : 'groups'}`}: $${most} is replaced with ` +
        `nothing${others === 0 ? '' : `; ${others} more ${others === 1 ? 'path lacks' : 'paths lack'} groups`}`,
      example: 'path: /app(/|$)(.*) for rewrite-target: /$2',
    },
  ];
}
