/** Values for the ConfigMap of the settings, and for those of headers and of TCP and UDP services. */
import type { Snapshot } from '../../types/snapshot.ts';
import type { WrittenFlag } from '../judge-settings.ts';
import type { JudgedKey, MigrationReport } from '../report.ts';
import { type ChartPart, type ChartValue, filled, value } from './chart-value.ts';
import type { OldNames } from './names.ts';

/** Helm reads some values as templates; this makes it print the text itself. */
function literal(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}');
}

/** ConfigMap key → the value of the chart that contains the headers, and the end of the name of the chart's ConfigMap. */
const HEADERS: Readonly<Record<string, readonly [path: string, suffix: string]>> = {
  'add-headers': ['controller.addHeaders', 'custom-add-headers'],
  'proxy-set-headers': ['controller.proxySetHeaders', 'custom-proxy-headers'],
};

/** The headers of a ConfigMap that the old chart made; undefined if others made it, or if it was not read. */
function headersOf(
  name: string,
  text: string,
  { namespace, fullname }: OldNames,
  configMaps: Snapshot['ConfigMap'],
): ChartValue | undefined {
  const known = HEADERS[name];
  if (known === undefined) return undefined;
  const [path, suffix] = known;
  const data = text === `${namespace}/${fullname}-${suffix}` ? configMaps.get(text)?.data : undefined;
  return data === undefined ? undefined : value(path, data);
}

/** Keys that the chart refuses, or that do nothing. */
function isLeftOut({ verdict, problems }: JudgedKey): boolean {
  return verdict === 'no-effect' || verdict === 'unknown' || problems.some(({ code }) => code === 'later-key');
}

function comment({ verdict, problems, differences }: JudgedKey): string | undefined {
  const said = problems.map(({ text }) => text);
  const all = verdict === 'refused' ? said : [...said, ...differences.map(({ text }) => text)];
  return all.length === 0 ? undefined : all.join('\n');
}

function streams(
  protocol: 'tcp' | 'udp',
  flags: readonly WrittenFlag[],
  configMaps: Snapshot['ConfigMap'],
): readonly ChartValue[] {
  const key = flags.find(({ name }) => name === `${protocol}-services-configmap`)?.value;
  const data = key === undefined ? undefined : configMaps.get(key)?.data;
  if (key === undefined) return [];
  if (data === undefined)
    return [
      {
        path: ['controller', 'extraArgs', `${protocol}-services-configmap`],
        value: key,
        comment: `The ConfigMap was not read. If the old chart made it, write its entries to ${protocol} instead.`,
      },
    ];
  return Object.entries(data).map(([port, text]) => ({ path: [protocol, port], value: literal(text) }));
}

export interface WrittenSettings {
  readonly report: Pick<MigrationReport, 'configMap'>;
  readonly flags: readonly WrittenFlag[];
  readonly names: OldNames;
  readonly configMaps: Snapshot['ConfigMap'];
}

/** The value of the chart for one key. */
function valueOfKey(key: JudgedKey, text: string, { names, configMaps }: WrittenSettings): ChartValue {
  const headers = headersOf(key.name, text, names, configMaps);
  if (headers !== undefined) return headers;
  if (key.name === 'allow-snippet-annotations' && text.trim() === 'true')
    return value('controller.allowSnippetAnnotations', true);
  const said = comment(key);
  const path = ['controller', 'config', key.name];
  return { path, value: literal(text), ...(said !== undefined && { comment: said }) };
}

export function configValues(written: WrittenSettings): ChartPart {
  const { report, flags, names, configMaps } = written;
  const { object, keys } = report.configMap ?? { object: undefined, keys: [] };
  const namespace = object?.namespace ?? names.namespace;
  const data = configMaps.get(`${namespace}/${object?.name ?? ''}`)?.data ?? {};
  return {
    values: [
      ...filled([value('controller.configMapNamespace', namespace === names.namespace ? undefined : namespace)]),
      ...keys.filter((key) => !isLeftOut(key)).map((key) => valueOfKey(key, data[key.name] ?? '', written)),
      ...streams('tcp', flags, configMaps),
      ...streams('udp', flags, configMaps),
    ],
    leftOut: keys
      .filter(isLeftOut)
      .map(({ name, value: shown = '', problems }) => ({ what: `${name}: ${shown}`, why: problems[0]?.text ?? '' })),
  };
}
