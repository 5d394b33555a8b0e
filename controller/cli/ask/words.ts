/** How the commands write times, objects and backends. */
import type { BackendItem } from '../../inspect/schema/backends.ts';
import type { ProblemItem } from '../../inspect/schema/problems.ts';
import { formatObject } from '../../types/problem.ts';

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const;

/** The time since `from`, which is in ISO 8601, with its two largest units: `3d4h`, `5m12s`, `8s`. */
export function ageText(from: string, now: number): string {
  let rest = Math.max(0, Math.floor((now - Date.parse(from)) / 1000));
  const parts: string[] = [];
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(rest / seconds);
    if (count > 0 || parts.length > 0) parts.push(`${count}${unit}`);
    rest -= count * seconds;
  }
  return [...parts, `${rest}s`].slice(0, 2).join('');
}

/** `shop/web:8080` */
export function backendText({ namespace, service, port }: BackendItem['backend']): string {
  const name = namespace === '' ? service : `${namespace}/${service}`;
  return port === '' ? name : `${name}:${port}`;
}

export function objectText({ object }: ProblemItem): string {
  return object === undefined ? '' : formatObject(object);
}

/** The name of an annotation or of a ConfigMap key, without the path to it. Any other field is returned unchanged. */
export function fieldText({ field = '' }: ProblemItem): string {
  return (
    /^(?:metadata\.annotations|data)(?:\["(.+)"\]|\.(.+))$/
      .exec(field)
      ?.slice(1)
      .find((name) => name !== undefined) ?? field
  );
}

/** The text of a Problem without the place, the object and the field, which have columns of their own. */
export function explanation(item: ProblemItem): string {
  const { place, field = '', text } = item;
  const beginnings = [
    place === undefined ? '' : `${place.file}:${place.line}:${place.column}: `,
    `${objectText(item)}: `,
    `${field}: `,
  ];
  return beginnings.reduce(
    (rest, beginning) => (rest.startsWith(beginning) ? rest.slice(beginning.length) : rest),
    text,
  );
}
