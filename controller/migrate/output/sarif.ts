/** The report as SARIF 2.1.0, which code hosting sites show beside the manifests. */
import { formatObject, type ObjectRef, type Place } from '../../types/problem.ts';
import { isDifferent } from '../judge-ingress.ts';
import type { JudgedKey, MigrationReport, Quoted, Reported } from '../report.ts';
import { VERDICT_WORDS } from './block.ts';

interface Result {
  readonly ruleId: string;
  readonly level: 'error' | 'warning' | 'note';
  readonly message: { readonly text: string };
  readonly locations: readonly object[];
}

/** A relative path as a URI reference; other paths as a URI of a file. */
function uriOf(file: string): string {
  const path = file.split('/').map(encodeURIComponent).join('/');
  return file.startsWith('/') ? `file://${path}` : path;
}

function locations(object: ObjectRef | undefined, place: Place | undefined): readonly object[] {
  const physical = place !== undefined && {
    physicalLocation: {
      artifactLocation: { uri: uriOf(place.file) },
      region: { startLine: place.line, startColumn: place.column },
    },
  };
  const logical = object !== undefined && {
    logicalLocations: [{ fullyQualifiedName: formatObject(object), kind: 'object' }],
  };
  return physical === false && logical === false ? [] : [{ ...physical, ...logical }];
}

function sentences(problems: readonly Reported[], differences: readonly Quoted[]): string {
  return [...problems.map(({ text }) => `${text}.`), ...differences.map(({ text }) => text)].join(' ');
}

function ofKey(object: ObjectRef | undefined, key: JudgedKey): Result[] {
  const { name, verdict, problems, differences, place } = key;
  if (verdict === 'same') return [];
  const closes = problems.some((each) => each.closes);
  const text = `${name}: ${VERDICT_WORDS[verdict]}. ${sentences(problems, differences)}`.trim();
  const level = closes ? 'error' : isDifferent(key) ? 'warning' : 'note';
  return [{ ruleId: closes ? 'closed' : verdict, level, message: { text }, locations: locations(object, place) }];
}

function ofProblem(problem: Reported, object: ObjectRef | undefined): Result {
  const { text, closes, changes, place } = problem;
  return {
    ruleId: closes ? 'closed' : changes ? 'differs' : 'problem',
    level: closes ? 'error' : changes ? 'warning' : 'note',
    message: { text },
    locations: locations(object, place),
  };
}

const RULES: Readonly<Record<string, string>> = {
  closed: 'Paths would not be served, or would answer 503.',
  differs: 'The behaviour differs from that of ingress-nginx.',
  refused: 'The value, or a part of it, is not accepted.',
  'no-effect': 'The key has no effect.',
  replaced: 'Another key does what this one did in an older version.',
  unknown: 'The key is not known.',
  problem: 'A Problem that does not change how requests are answered.',
};

export function sarifReport(report: MigrationReport, version: string): string {
  const results = [
    ...report.ingresses.flatMap(({ object, keys, problems, differences, place }) => [
      ...keys.flatMap((key) => ofKey(object, key)),
      ...problems.map((problem) => ofProblem(problem, object)),
      ...differences.map(({ text, detail }): Result => {
        const level = detail ? 'note' : 'warning';
        return { ruleId: 'differs', level, message: { text }, locations: locations(object, place) };
      }),
    ]),
    ...(report.configMap?.keys ?? []).flatMap((key) => ofKey(report.configMap?.object, key)),
    ...report.flags.flatMap((key) => ofKey(report.controller?.object, key)),
    ...report.problems.map((problem) => ofProblem(problem, problem.object)),
  ];
  const rules = Object.entries(RULES).map(([id, text]) => ({ id, shortDescription: { text } }));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'tidegate migrate', version, rules } }, results }],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}
