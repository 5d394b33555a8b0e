import { printable } from '../types/printable.ts';
import { type FieldPath, formatField, formatObject, type Locator, type Place, type Problem } from '../types/problem.ts';

/** The file and line where a Problem is: the Problem's own place, or the place of its field. */
export function placeOf(problem: Problem, locate: Locator): Place | undefined {
  return problem.place ?? (problem.object === undefined ? undefined : locate(problem.object, problem.field ?? []));
}

/** The effect on traffic, in words; empty if there is none or if the message describes it. */
const EFFECTS: Readonly<Record<Problem['effect'], string>> = {
  none: '',
  'object-ignored': 'the object is left out',
  'path-ignored': 'the path is left out',
  'ignored-key': 'the key has no effect',
  'ignored-item': 'the rest of the value applies',
  'corrected-key': 'the key is in force with a corrected value',
  'denied-location': 'answers 503',
  'default-certificate': '',
  'default-backend': '',
  'no-endpoints': '',
  quarantined: '',
  converted: '',
};

/** Matches messages that already describe the effect. */
const SAID: Partial<Record<Problem['effect'], RegExp>> = {
  'object-ignored': /is left out$/,
  'ignored-key': /\bno effect|without effect|is left out|default is used/,
  'denied-location': /answers? 503|gets 403|\(403\)/,
};

/**
 * Codes of Problems about a written value. In other Problems, `value` (such as a backend) only distinguishes them from
 * each other.
 */
const OF_WRITTEN_VALUES = /^(invalid-|inconsistent-|field-type$)/;

/** Whether a field is an annotation or a key of a ConfigMap. */
function isKey([first, second]: FieldPath): boolean {
  return first === 'data' || (first === 'metadata' && second === 'annotations');
}

/** Whether the message already contains the value, or contains the wrong part of the value in quotes. */
function shows(message: string, value: string): boolean {
  const bare = value.replace(/^"|"\u2026?$|\u2026$/g, '');
  if (bare === '' || (value.startsWith('"') && message.includes(value)) || message.split(/[\s,;:]+/).includes(bare))
    return true;
  // `Service a/b` also contains the value `b`.
  if (message.split(/[\s,;:/]+/).includes(bare)) return true;
  const parts = bare.split(/[\s,;]+/);
  return [...message.matchAll(/"([^"]+)"/g)].some(([, quoted = '']) => parts.includes(quoted));
}

/** The addition in parentheses: the value, unless the message contains it, and the effect. */
function aside({ code, message, value, effect, field = [] }: Problem): string {
  const written = OF_WRITTEN_VALUES.test(code) || (isKey(field) && value?.startsWith('"') === true);
  const found = value === undefined || !written || shows(message, value) ? '' : `found ${value}`;
  const came = SAID[effect]?.test(message) === true ? '' : EFFECTS[effect];
  const said = [found, came].filter((part) => part !== '');
  return said.length === 0 ? '' : ` (${said.join('; ')})`;
}

/** The message without the name of the field or key, if it begins with this name. */
function withoutField({ message, field = [] }: Problem): string {
  const key = String(field.at(-1) ?? '');
  const name = isKey(field) ? key.slice(key.lastIndexOf('/') + 1) : formatField(field);
  return name !== '' && message.startsWith(`${name} `) ? message.slice(name.length + 1) : message;
}

/** Formats a Problem as one line: `shop.yaml:12:3: Ingress shop/web: spec.rules[0].host: …; for example …`. */
export function problemText(problem: Problem, locate: Locator): string {
  const place = placeOf(problem, locate);
  const parts = [
    place === undefined ? '' : `${place.file}:${place.line}:${place.column}: `,
    problem.object === undefined ? '' : `${formatObject(problem.object)}: `,
    problem.field === undefined || problem.field.length === 0 ? '' : `${formatField(problem.field)}: `,
    withoutField(problem),
    aside(problem),
    problem.example === undefined ? '' : `; for example ${problem.example}`,
  ];
  return printable(parts.join(''));
}
