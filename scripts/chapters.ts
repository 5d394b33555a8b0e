/** The chapters of docs/ that describe annotations and settings, as Markdown. */
import { type CommandName, COMMANDS, rowsOf, usage } from '../controller/cli/commands.ts';
import { flagsOf } from '../controller/cli/flags.ts';
import { FEATURES, DEFAULT_PREFIX } from '../controller/model/features/annotations.ts';
import { BOUNDS } from '../controller/model/contract/bounds.ts';
import { CHAPTERS, type SettingKey } from '../controller/model/contract/setting.ts';
import { SETTING_FEATURES } from '../controller/model/settings/keys/registry.gen.ts';
import type { FlagRow } from '../controller/types/flag.ts';
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
    'Generated from `controller/model/features/annotations/`; edit there.',
    '',
    `Every name carries the prefix \`${DEFAULT_PREFIX}/\`. "Live" means that a change needs no reload of NGINX.`,
  ];
  for (const group of [...groups.keys()].sort()) {
    lines.push('', `## ${group}`);
    for (const feature of groups.get(group) ?? []) {
      for (const [name, key] of Object.entries(feature.keys)) {
        lines.push('', `### ${name}`, '', key.about, '');
        lines.push(`- accepted: ${key.parser.accepts}; for example ${code(key.good)}`);
        if (key.aliases !== undefined) lines.push(`- other name: ${code(key.aliases)}`);
        if (key.setting !== undefined) lines.push(`- where it is absent: the ConfigMap's \`${key.setting}\``);
        lines.push(
          `- reaches: ${key.scope === 'host' ? 'the whole host, other Ingresses included' : 'the paths of the Ingress'}`,
        );
        const invalid =
          key.onInvalid === 'denied'
            ? 'the paths answer 503'
            : key.instead === undefined
              ? 'as if it were absent'
              : 'it does not hold, and neither does the default: see above';
        lines.push(
          `- a value that is not accepted: ${invalid}`,
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

/** A key without a value of its own says `empty`, not nothing. */
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
    'Generated from `controller/model/settings/keys/`; edit there.',
    '',
    'One ConfigMap (`--configmap`, by default `ingress-nginx/ingress-nginx-controller`) tunes the whole installation. A value',
    'that is not accepted is reported, and the last value that was accepted stays in force; where there is none, the default',
    'is used ([guards](guards.md) has the exceptions). Keys that are not listed here are reported and have no effect.',
    '',
    `${all.length} keys: ${verdicts(undefined)} are in force, ${verdicts('no-effect')} have no effect here, and ` +
      `${verdicts('later')} are not supported yet.`,
    'Keys of the last two kinds are accepted; where one is set to something else than its default, a Problem says why it',
    'changes nothing.',
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

export function commandChapter(): string {
  const lines = ['# Commands', '', 'Generated from `controller/cli/flags.ts` and `commands.ts`; edit there.'];
  for (const [name, { args, about, exits }] of Object.entries(COMMANDS)) {
    const rows = rowsOf(name as CommandName);
    lines.push('', `## tidegate ${`${name} ${args}`.trim()}`, '', about, '', `Exit codes: ${exits.join('; ')}.`);
    if (rows.length > 0) lines.push('', '| option | default | meaning |', '|---|---|---|');
    for (const row of rows) {
      const unsaid = row.fallback === '' || row.fallback === 'false';
      const standard = row.required === true ? 'required' : unsaid ? '' : `\`${row.fallback}\``;
      lines.push(`| \`${usage(row)}\` | ${standard} | ${row.about} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

export function flagChapter(): string {
  const table = (state: FlagRow['state'], head: string, row: (flag: FlagRow) => string) => [
    head,
    ...flagsOf('controller')
      .filter((flag) => flag.state === state)
      .map(row),
  ];
  const lines = [
    '# Flags',
    '',
    'Generated from `controller/cli/flags.ts`; edit there. They are the flags of `tidegate controller`, by the names of',
    'ingress-nginx; an unknown one is an error. `tidegate clear-status` takes the same ones: it takes the addresses of an',
    'installation out of the status of Ingresses, before the installation is removed.',
    '',
    ...table(undefined, '| flag | type | default | meaning |\n|---|---|---|---|', ({ name, type, fallback, about }) => {
      return `| \`--${name}\` | ${type} | ${fallback === '' ? '' : `\`${fallback}\``} | ${about} |`;
    }),
    '',
    '## Not built yet',
    '',
    'Accepted, with a warning.',
    '',
    ...table('later', '| flag | why |\n|---|---|', ({ name, about }) => `| \`--${name}\` | ${about} |`),
    '',
    '## Without meaning here',
    '',
    'Accepted, with a warning, so that old command lines keep working.',
    '',
    ...table('none', '| flag | why |\n|---|---|', ({ name, about }) => `| \`--${name}\` | ${about} |`),
  ];
  return `${lines.join('\n')}\n`;
}

export function boundsChapter(): string {
  const lines = [
    '# Bounds',
    '',
    'Generated from `controller/model/contract/bounds.ts`; edit there.',
    '',
    'No object may ask for more than this. What goes beyond is a Problem of that object alone (code `bound-exceeded`, or that',
    'of the field that cannot be used), which says the bound and its flag; nobody else notices. Raise a bound with its flag,',
    'on every replica alike: `tidegate controller`, `up`, `render` and `check` take them all.',
    '',
    '| bound | flag | default | accepted | beyond it |',
    '|---|---|---|---|---|',
    ...Object.values(BOUNDS).map(
      ({ about, flag, fallback, least, most, beyond }) =>
        `| ${about} | \`--${flag}\` | ${fallback} | ${least} to ${most} | ${beyond} |`,
    ),
    '',
    'Keys of certificates are RSA from 2,048 bits on (OpenSSL of Debian refuses shorter ones in every handshake), ECDSA on',
    'P-256, P-384 or P-521, or Ed25519. All annotations of an object together are bounded by Kubernetes itself: 262,144 bytes.',
    'What NGINX decodes of one value is bounded, too: 1,000 headers of one list, snippet or ConfigMap, 10,000 origins of CORS, 200',
    'variables and texts of a rewrite target or a URL; a longer value is invalid.',
    '',
    '## Shares',
    '',
    "nginx.conf, NGINX's memory and the live data are everybody's. Each namespace gets `--namespace-share` percent of",
    '`--max-conf-size`, of `--max-nginx-memory`, and of each part of `--max-live-data`: 30 % for routes, 40 % for certificates,',
    '20 % for endpoints; a tenth stays free. What goes beyond is a Problem with the code `namespace-share-exceeded`:',
    '',
    '- Ingresses, oldest first, by what each of them adds, as estimated from its paths and annotations. Paths of one that does',
    '  not fit answer 503. Where even those would take more than a quarter of the share, further ones are left out.',
    '- Ingresses with limits, oldest first, by the zones of `--max-limit-zones`. Without its zone a limit would be none: the paths of',
    '  an Ingress that gets none answer 503, all of them.',
    '- Secrets with certificates, oldest first; hosts of the others are answered with the default certificate.',
    '- Endpoints: each Service port of the namespace gets so many, those with fewer all of theirs.',
    '',
    'Where all namespaces together want more than there is, those that want least get it whole, and the largest the same as',
    'one another. The defaults have room for 10,000 hosts with three paths, ten annotations and a certificate each in one',
    'namespace; in a cluster of many tenants a smaller share is the better choice.',
  ];
  return `${lines.join('\n')}\n`;
}

/** What of a list stays where an item cannot be read, as far as a good and a bad item beside each other say so. */
function partly({ parser, good: [good = ''], bad }: SettingKey<unknown>): string {
  const drops = bad.some((item) =>
    [',', ' '].some((between) => {
      const parsed = parser.parse(`${good}${between}${item}`);
      return parsed.ok && parsed.dropped !== undefined;
    }),
  );
  return drops ? 'the others hold' : 'as if nothing could be read';
}

function guardRow(name: string, key: SettingKey<unknown>): string {
  const { closed, closesAtOnce, shut, holds, guards } = key;
  if (name.endsWith('-snippet') && guards === true && closed === undefined) {
    const guard =
      name === 'main-snippet' ? 'it is left out' : 'where a guard may be in it, what it may have guarded answers 503';
    return `| \`${name}\` | what nginx takes of it holds | ${guard} | the last good text, or what the first start left |`;
  }
  const standard = settingDefault(key);
  const first = holds ?? (standard.length > 60 ? 'the default' : `the default: ${standard}`);
  const later =
    closesAtOnce === true
      ? 'the same, at once'
      : `the last good value; ${shut === undefined ? 'without one the same' : 'where NGINX runs without the key, nothing changes'}`;
  return `| \`${name}\` | ${partly(key)} | ${first} | ${later} |`;
}

const PATHS_CLOSED = 'the paths answer 503';

/** Who names an object for a use, what holds where it cannot be read, and where it is gone. */
const KEPT_USES: Readonly<Record<Use, readonly [string, string, string]>> = {
  certificate: ['`spec.tls`', 'the last good certificate, until it expires', 'the same where it is deleted'],
  'default-certificate': [
    '`--default-ssl-certificate`',
    'the last good certificate, until it expires',
    'the same where it is deleted',
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
  'dh-parameters': ['`ssl-dh-param`', 'the last good parameters', 'there is no DHE'],
  'custom-headers': ['`custom-headers`', 'the last good headers', PATHS_CLOSED],
  'auth-proxy-set-headers': ['`auth-proxy-set-headers`', 'the last good headers', PATHS_CLOSED],
  'fastcgi-params': ['`fastcgi-params-configmap`', 'the last good parameters', PATHS_CLOSED],
  'proxy-set-headers': ['`proxy-set-headers`', 'the last good value of that header', 'the headers are not set'],
  'add-headers': ['`add-headers`', 'the last good value of that header', 'the headers are not set'],
};

export function guardsChapter(): string {
  const keys = SETTING_FEATURES.flatMap((feature) => Object.entries<SettingKey<unknown>>(feature.keys));
  const annotations = FEATURES.flatMap((feature) => Object.entries(feature.keys));
  const denied = annotations.filter(([, { onInvalid }]) => onInvalid === 'denied').map(([name]) => name);
  const lines = [
    '# Guards',
    '',
    'Generated from `controller/model/settings/keys/` and `controller/model/features/annotations/`; edit there.',
    '',
    'What guards access, and what holds when it cannot be read. Each case is an error on the object, which names the key, the',
    'value and what holds now.',
    '',
    '## ConfigMap',
    '',
    'At the first start of a Pod nothing is known of the values that were in force before. The last good value outlives a',
    'restart of the controller. Correcting or removing the key ends it, and also ends what a first start used instead.',
    '',
    '| key | an item cannot be read | nothing can be read, at a first start | nothing can be read, later |',
    '|---|---|---|---|',
    ...keys.filter(([, { guards }]) => guards === true).map(([name, key]) => guardRow(name, key)),
    '',
    '## Annotations',
    '',
    'Earlier values of annotations are not kept. Where one of these annotations has a value that is not accepted, the paths of',
    'the Ingress answer 503:',
    '',
    `${code(denied)}.`,
    '',
    'One invalid item makes a whole list invalid, except in `allowlist-source-range`: an item that is dropped there lets fewer',
    'clients in.',
    '',
    '## Secrets and ConfigMaps',
    '',
    'Where the content cannot be read, the last content that could be read stays in force, with an error that names both, also',
    'after a restart of the controller: it guards as strictly as before. That ends when the object can be read again, when',
    'nothing refers to it any more, and when the time of `--keep-certificates` is over. Deleting the object, emptying it or (in',
    'a cluster) creating it anew takes away the access that it gave. Certificates of hosts are the exception: they give none.',
    '',
    '| named by | what cannot be read | deleted, or nothing in it |',
    '|---|---|---|',
    ...Object.values(KEPT_USES).map((cells) => `| ${cells.join(' | ')} |`),
  ];
  return `${lines.join('\n')}\n`;
}
