/** Generates chapters of docs/ about what objects of a cluster may contain: annotations, ConfigMap keys and guards. */
import { FEATURES, DEFAULT_PREFIX } from '../controller/model/features/annotations.ts';
import { CHAPTERS, type SettingKey } from '../controller/model/contract/setting.ts';
import { SETTING_FEATURES } from '../controller/model/settings/keys/registry.gen.ts';
import type { Use } from '../controller/types/last-good.ts';
import { VERDICT_TEXT, type Verdict } from '../controller/model/contract/verdict.ts';

function code(values: readonly string[]): string {
  return values.map((value) => `\`${value}\``).join(', ');
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : `\`${value.join(',')}\``;
  const text = String(value);
  return text === 'null' || text === 'undefined' ? 'none' : `\`${text}\``;
}

export function annotationsChapter(): string {
  const groups = Map.groupBy(FEATURES, (feature) => feature.group);
  const lines = [
    '# Annotations',
    '',
    'Generated from `controller/model/features/annotations/`; edit the files there.',
    '',
    `Every name carries the prefix \`${DEFAULT_PREFIX}/\`. "Live" means that changing the value needs no reload of NGINX.`,
    'Setting an annotation that no Ingress had before, or removing it from the last Ingress, may still need a reload, because',
    'nginx.conf contains a processing step only while something uses it.',
  ];
  for (const group of [...groups.keys()].sort()) {
    lines.push('', `## ${group}`);
    for (const feature of groups.get(group) ?? []) {
      for (const [name, key] of Object.entries(feature.keys)) {
        lines.push('', `### ${name}`, '', key.about, '');
        lines.push(`- accepted: ${key.parser.accepts}; for example ${code(key.good)}`);
        if (key.aliases !== undefined) lines.push(`- other name: ${code(key.aliases)}`);
        if (key.setting !== undefined) lines.push(`- if absent: the ConfigMap's \`${key.setting}\``);
        lines.push(
          `- applies to: ${key.scope === 'host' ? 'the whole host, including other Ingresses' : 'the paths of the Ingress'}`,
        );
        const invalid =
          key.onInvalid === 'denied'
            ? 'the paths answer 503'
            : key.instead === undefined
              ? 'counts as absent'
              : 'replaced as described above; the default is not used';
        lines.push(
          `- an invalid value: ${invalid}`,
          `- risk: ${key.risk}; ${key.live ? 'live' : 'a change reloads NGINX'}`,
        );
        if (key.verdict !== undefined) lines.push(`- verdict: ${verdictText(key.verdict)}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

function verdictText(verdict: Verdict | undefined): string {
  return verdict === undefined ? 'in force' : `${VERDICT_TEXT[verdict.kind]}: ${verdict.why}`;
}

/** The default of a key as text: an empty list is shown as `empty`, and a missing default as `none`. */
function settingDefault(key: SettingKey<unknown>): string {
  return show(key.written ?? key.fallback);
}

export function configMapChapter(): string {
  const all = SETTING_FEATURES.flatMap(({ chapter, keys }) =>
    Object.entries<SettingKey<unknown>>(keys).map(([name, key]) => ({ chapter, name, key })),
  ).sort((a, b) => (a.name < b.name ? -1 : 1));
  const verdicts = (kind: Verdict['kind'] | undefined) => all.filter(({ key }) => key.verdict?.kind === kind).length;
  const lines = [
    '# ConfigMap',
    '',
    'Generated from `controller/model/settings/keys/`; edit the files there.',
    '',
    'One ConfigMap (`--configmap`, by default `ingress-nginx/ingress-nginx-controller`) configures the whole installation. An',
    'invalid value is reported, and the last good value stays in force; if there was no good value before, the default is used',
    '([guards](guards.md) lists the exceptions). Keys that are not listed here are reported and have no effect.',
    '',
    `${all.length} keys: ${verdicts(undefined)} are in force, ${verdicts('no-effect')} have no effect here, and ` +
      `${verdicts('later')} are not supported yet.`,
    'Keys of the last two kinds are accepted; if one is set to something other than its default, a Problem says why it has',
    'no effect.',
  ];
  for (const chapter of CHAPTERS) {
    const own = all.filter((each) => each.chapter === chapter);
    if (own.length === 0) continue;
    lines.push('', `## ${chapter}`);
    for (const { name, key } of own) {
      lines.push('', `### ${name}`, '', key.about, '');
      lines.push(`- default: ${settingDefault(key)}`);
      lines.push(`- accepted: ${key.parser.accepts}; for example ${code(key.good)}`);
      lines.push(`- verdict: ${verdictText(key.verdict)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** What happens to a list with an invalid item. This parses a list of one good and one bad example to find out. */
function partly({ parser, good: [good = ''], bad }: SettingKey<unknown>): string {
  const drops = bad.some((item) =>
    [',', ' '].some((between) => {
      const parsed = parser.parse(`${good}${between}${item}`);
      return parsed.ok && parsed.dropped !== undefined;
    }),
  );
  return drops ? 'the valid items apply' : 'the whole value counts as invalid';
}

function guardRow(name: string, key: SettingKey<unknown>): string {
  const { closed, closesAtOnce, shut, holds, guards } = key;
  if (name.endsWith('-snippet') && guards === true && closed === undefined) {
    const guard =
      name === 'main-snippet'
        ? 'the whole snippet is left out'
        : '503 for all paths that a guard in the snippet (such as `deny`) might protect';
    return `| \`${name}\` | the directives that nginx accepts are in force | ${guard} | the last good value; without one, as at a first start |`;
  }
  const standard = settingDefault(key);
  const first = holds ?? (standard.length > 60 ? 'the default' : `the default: ${standard}`);
  const later =
    closesAtOnce === true
      ? 'as at a first start, immediately'
      : `the last good value; ${shut === undefined ? 'without one, as at a first start' : 'without one, a running NGINX keeps serving as before'}`;
  return `| \`${name}\` | ${partly(key)} | ${first} | ${later} |`;
}

const PATHS_CLOSED = 'the paths answer 503';

/**
 * For each use of a Secret or ConfigMap: what refers to the object, what applies while the object cannot be read, and
 * what applies after the object was deleted.
 */
const KEPT_USES: Readonly<Record<Use, readonly [string, string, string]>> = {
  certificate: ['`spec.tls`', 'the last good certificate, until it expires', 'the last good certificate'],
  'default-certificate': [
    '`--default-ssl-certificate`',
    'the last good certificate, until it expires',
    'the last good certificate',
  ],
  'client-authorities': ['`auth-tls-secret`', 'the last good `ca.crt` with its `ca.crl`', 'the host answers 503'],
  'backend-tls': ['`proxy-ssl-secret`', 'the last good certificate and `ca.crt`', PATHS_CLOSED],
  'verified-backend-tls': [
    '`proxy-ssl-secret` with `proxy-ssl-verify`',
    'the last good certificate and `ca.crt`',
    PATHS_CLOSED,
  ],
  'auth-file': ['`auth-secret`', 'the last good users', PATHS_CLOSED],
  'auth-map': ['`auth-secret` with `auth-secret-type: auth-map`', 'the last good users', PATHS_CLOSED],
  'dh-parameters': ['`ssl-dh-param`', 'the last good parameters', 'DHE ciphers are off'],
  'custom-headers': ['`custom-headers`', 'the last good headers', PATHS_CLOSED],
  'auth-proxy-set-headers': ['`auth-proxy-set-headers`', 'the last good headers', PATHS_CLOSED],
  'fastcgi-params': ['`fastcgi-params-configmap`', 'the last good parameters', PATHS_CLOSED],
  'proxy-set-headers': ['`proxy-set-headers`', 'the last good value of that header', 'the headers are not set'],
  'add-headers': ['`add-headers`', 'the last good value of that header', 'the headers are not set'],
  'tcp-services': ['`--tcp-services-configmap`', 'the last good value of that entry', 'no TCP port is served'],
  'udp-services': ['`--udp-services-configmap`', 'the last good value of that entry', 'no UDP port is served'],
  'host-owners': [
    '`--host-policy-configmap`, and `tidegate.dev/hosts` of Namespaces',
    'the last good hosts of that namespace',
    'no host is served without the ConfigMap (in a cluster, its last content applies); a Namespace without the annotation owns nothing',
  ],
};

export function guardsChapter(): string {
  const keys = SETTING_FEATURES.flatMap((feature) => Object.entries<SettingKey<unknown>>(feature.keys));
  const annotations = FEATURES.flatMap((feature) => Object.entries(feature.keys));
  const denied = annotations.filter(([, { onInvalid }]) => onInvalid === 'denied').map(([name]) => name);
  const lines = [
    '# Guards',
    '',
    'Generated from `controller/model/settings/keys/` and `controller/model/features/annotations/`; edit the files there.',
    '',
    'This page lists the settings that guard access, and says what is in force if such a setting is invalid or unreadable. Each',
    'case is reported as an error on the object; the error names the key, the value and what is in force.',
    '',
    '## ConfigMap',
    '',
    'At the first start of a Pod, earlier values are unknown. Later, the last good value stays in force if a new value is',
    'invalid, even after a restart of the controller. The last good value, or the value that a first start used instead, stays',
    'in force until the key is corrected or removed.',
    '',
    '| key | one item is invalid | no item is valid at a first start | no item is valid later |',
    '|---|---|---|---|',
    ...keys.filter(([, { guards }]) => guards === true).map(([name, key]) => guardRow(name, key)),
    '',
    '## Annotations',
    '',
    'There is no last good value of an annotation. If one of the following annotations has an invalid value, the paths of the',
    'Ingress answer 503:',
    '',
    `${code(denied)}.`,
    '',
    'One invalid item makes a whole list invalid, except in `allowlist-source-range`: without the invalid item, that list admits',
    'fewer clients.',
    '',
    '## Secrets and ConfigMaps',
    '',
    'If the content of a Secret or ConfigMap becomes unreadable, the last good content stays in force, even after a restart of',
    'the controller, and an error reports the unreadable content and what is in force. The last good content is dropped when the',
    'object is readable again, when nothing refers to the object any more, or when the time of `--keep-certificates` is over.',
    'Deleting the object, emptying it or (in a cluster) creating it again revokes the access that its content granted.',
    'Certificates of hosts are the exception, because they grant no access.',
    '',
    '| referred to by | while unreadable | after it was deleted or emptied |',
    '|---|---|---|',
    ...Object.values(KEPT_USES).map((cells) => `| ${cells.join(' | ')} |`),
  ];
  return `${lines.join('\n')}\n`;
}
