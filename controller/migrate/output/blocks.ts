/** Makes the sequence of blocks from the report. */
import { counted } from '../../types/counted.ts';
import { formatObject, type Place } from '../../types/problem.ts';
import type {
  Cause,
  IngressVerdict,
  JudgedDirective,
  JudgedIngress,
  JudgedKey,
  MigrationReport,
  Quoted,
  Reported,
} from '../report.ts';
import type { Block, IngressBlock, ReportEntry } from './block.ts';

/** Maximum number of Ingresses that are named for one cause. */
const MOST_NAMED = 8;

function placeText(place: Place | undefined): { readonly place?: string } {
  return place === undefined ? {} : { place: `${place.file}:${place.line}` };
}

/** `1 Ingress`, `3 Ingresses`. */
function ingressesText(count: number): string {
  return counted(count, 'Ingress', 'Ingresses');
}

function names(objects: Cause['ingresses']): string {
  const named = objects.slice(0, MOST_NAMED).map(({ namespace, name }) => `${namespace}/${name}`);
  const more = objects.length - named.length;
  return named.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** The text as a sentence, with a full stop unless it ends in another mark. */
function sentenceOf(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

function ofProblem({ text, example }: Reported): string {
  return sentenceOf(`${text}${example === undefined ? '' : `; for example ${example}`}`);
}

function quotes(differences: readonly Quoted[]): readonly string[] {
  return differences.map(({ text }) => text);
}

function entryOfKey({ name, value, verdict, problems, differences, place, suspicious }: JudgedKey): ReportEntry {
  const attack = suspicious === undefined ? [] : [`The value looks like an attack: ${suspicious}.`];
  return {
    title: name,
    ...(value !== undefined && { value }),
    verdict,
    ...placeText(place),
    sentences: [...attack, ...problems.map(ofProblem), ...quotes(differences)],
  };
}

function entryOfDirective({ snippet, line, directive, accepted, reason, instead }: JudgedDirective): ReportEntry {
  return {
    title: `${snippet}, line ${line}`,
    value: directive,
    verdict: accepted ? 'same' : 'refused',
    sentences: [
      ...(reason === undefined ? [] : [sentenceOf(reason)]),
      ...(instead === undefined ? [] : [`Without a snippet: ${instead}.`]),
    ],
  };
}

function saysNothing({ verdict, problems, differences }: JudgedKey): boolean {
  return verdict === 'same' && problems.length === 0 && differences.length === 0;
}

function blockOfIngress(ingress: JudgedIngress): IngressBlock {
  const { object, verdict, place, keys, snippets, problems, differences, closed } = ingress;
  const closing = closed.map(({ host, path, by }) => `${written(host)}${path}: ${by}`);
  return {
    kind: 'ingress',
    title: `${object.namespace}/${object.name}`,
    verdict,
    ...placeText(place),
    entries: [
      ...(closing.length === 0 ? [] : [{ title: 'paths that answer 503', sentences: closing }]),
      ...keys.filter((key) => !saysNothing(key)).map(entryOfKey),
      ...snippets.map(entryOfDirective),
      ...problems.map((problem) => ({
        title: problem.field ?? problem.code,
        ...(problem.closes && { verdict: 'refused' as const }),
        ...placeText(problem.place),
        sentences: [ofProblem(problem)],
      })),
      ...(differences.length === 0
        ? []
        : [{ title: 'hosts, paths and Services', verdict: 'differs' as const, sentences: quotes(differences) }]),
    ],
    same: keys.filter(saysNothing).map(({ name }) => name.slice(name.indexOf('/') + 1)),
  };
}

function head({ source, controller, summary, notes }: MigrationReport): readonly Block[] {
  const { ingresses, counts, others } = summary;
  const whose =
    controller === null
      ? 'No Deployment or DaemonSet of ingress-nginx was found.'
      : `The old controller is ${formatObject(controller.object)}, image ${controller.image}.`;
  const foreign =
    others === 0 ? '' : ` ${ingressesText(others)} of other controllers ${others === 1 ? 'is' : 'are'} left out.`;
  return [
    { kind: 'title', text: 'Migration from ingress-nginx to Tidegate' },
    {
      kind: 'paragraph',
      text:
        `${ingressesText(ingresses)}: ${counts.same} same, ${counts.differs} different, ${counts.closed} closed. Of a closed ` +
        `Ingress, at least one path would not be served, or would answer 503.${foreign}`,
    },
    { kind: 'paragraph', text: `Read from ${source}. ${whose}` },
    ...(notes.length === 0
      ? []
      : [{ kind: 'entries', entries: notes.map((text) => ({ title: 'note', sentences: [text] })) } as const]),
  ];
}

function overview({ summary }: MigrationReport): readonly Block[] {
  const { causes, namespaces } = summary;
  return [
    ...(causes.length === 0
      ? []
      : ([
          { kind: 'heading', text: 'By cause' },
          {
            kind: 'entries',
            entries: causes.map(({ verdict, name, text, ingresses }) => ({
              title: `${name}: ${ingressesText(ingresses.length)}`,
              verdict,
              sentences: [names(ingresses), text],
            })),
          },
        ] as const)),
    { kind: 'heading', text: 'By namespace' },
    {
      kind: 'table',
      head: ['namespace', 'same', 'differs', 'closed'],
      rows: namespaces.map(({ namespace, same, differs, closed }) => [namespace, `${same}`, `${differs}`, `${closed}`]),
    },
  ];
}

function written(host: string): string {
  return host === '' ? 'every host' : host;
}

function hosts({ hosts: { regex, duplicates } }: MigrationReport): readonly Block[] {
  const patterns = regex.map(({ host, because, wider }) => ({
    title: written(host),
    sentences: [
      `All paths of the host are regular expressions, because of ${names(because)}.`,
      ...(wider.length === 0 ? [] : [`Paths of ${names(wider)} match more than what is written.`]),
    ],
  }));
  const doubled = duplicates.map(({ host, path, winner, loser, text }) => ({
    title: `${written(host)}${path}`,
    sentences: [`${winner.namespace}/${winner.name} wins over ${loser.namespace}/${loser.name}: ${text}.`],
  }));
  return [
    ...section('Hosts whose paths are regular expressions, as in ingress-nginx', patterns),
    ...section('Paths that several Ingresses have', doubled),
  ];
}

function section(heading: string, entries: readonly ReportEntry[]): readonly Block[] {
  return entries.length === 0
    ? []
    : [
        { kind: 'heading', text: heading },
        { kind: 'entries', entries },
      ];
}

function attacks({ ingresses }: MigrationReport): readonly Block[] {
  const found = ingresses.flatMap(({ object, keys }) =>
    keys
      .filter(({ suspicious }) => suspicious !== undefined)
      .map((key) => ({
        title: `${object.namespace}/${object.name}: ${key.name}`,
        ...(key.value !== undefined && { value: key.value }),
        ...placeText(key.place),
        sentences: [`${key.suspicious}.`],
      })),
  );
  return section('Values that look like an attack', found);
}

const ORDER: Readonly<Record<IngressVerdict, number>> = { closed: 0, differs: 1, same: 2 };

/** The keys of which all have the verdict `same` are named in one entry. */
function keyEntries(keys: readonly JudgedKey[]): readonly ReportEntry[] {
  const silent = keys.filter(saysNothing).map(({ name }) => name);
  return [
    ...keys.filter((key) => !saysNothing(key)).map(entryOfKey),
    ...(silent.length === 0 ? [] : [{ title: 'others', verdict: 'same' as const, sentences: [silent.join(', ')] }]),
  ];
}

export function reportBlocks(report: MigrationReport): readonly Block[] {
  const { ingresses, configMap, flags, everyone, problems } = report;
  const sorted = [...ingresses].sort((a, b) => ORDER[a.verdict] - ORDER[b.verdict]);
  return [
    ...head(report),
    ...overview(report),
    ...attacks(report),
    ...hosts(report),
    ...(sorted.length === 0 ? [] : [{ kind: 'heading', text: 'Ingresses' } as const]),
    ...sorted.map(blockOfIngress),
    ...(configMap === null ? [] : section(formatObject(configMap.object), keyEntries(configMap.keys))),
    ...section('Flags', keyEntries(flags)),
    ...section(
      'Other objects',
      problems.map(({ object, ...problem }) => ({
        title: object === undefined ? problem.code : formatObject(object),
        ...placeText(problem.place),
        sentences: [ofProblem(problem)],
      })),
    ),
    ...section(
      'What differs for every installation',
      everyone.map(({ anchor, text }) => ({ title: anchor.replaceAll('-', ' '), sentences: [text] })),
    ),
  ];
}
