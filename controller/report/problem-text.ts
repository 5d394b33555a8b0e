import { formatField, formatObject, type Locator, type Place, type Problem } from '../types/problem.ts';

/** Where a Problem is written: its own place, or that of its field. */
export function placeOf(problem: Problem, locate: Locator): Place | undefined {
  return problem.place ?? (problem.object === undefined ? undefined : locate(problem.object, problem.field ?? []));
}

/** What traffic sees, in words; empty where it sees nothing. */
const EFFECTS: Readonly<Record<Problem['effect'], string>> = {
  none: '',
  'object-ignored': 'the object is left out',
  'path-ignored': 'the path is left out',
  'ignored-key': 'the key has no effect',
  'ignored-item': 'the rest of the value holds',
  'denied-location': 'answers 503',
  'default-certificate': '',
  'default-backend': '',
  'no-endpoints': '',
  quarantined: '',
  converted: '',
};

/** One line: `shop.yaml:12:3: Ingress shop/web: spec.rules[0].host: …; for example …`. */
export function problemText(problem: Problem, locate: Locator): string {
  const place = placeOf(problem, locate);
  const parts = [
    place === undefined ? '' : `${place.file}:${place.line}:${place.column}: `,
    problem.object === undefined ? '' : `${formatObject(problem.object)}: `,
    problem.field === undefined || problem.field.length === 0 ? '' : `${formatField(problem.field)}: `,
    problem.message,
    EFFECTS[problem.effect] === '' ? '' : ` (${EFFECTS[problem.effect]})`,
    problem.example === undefined ? '' : `; for example ${problem.example}`,
  ];
  return parts.join('');
}
