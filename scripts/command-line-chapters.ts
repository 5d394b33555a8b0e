/** Generates chapters of docs/ about command lines: commands, flags, and the bounds that flags set. */
import { type CommandName, COMMANDS, rowsOf, usage } from '../controller/cli/commands.ts';
import { flagsOf } from '../controller/cli/flags.ts';
import { BOUNDS } from '../controller/model/contract/bounds.ts';
import type { FlagRow } from '../controller/types/flag.ts';

export function commandChapter(): string {
  const lines = ['# Commands', '', 'Generated from `controller/cli/flags.ts` and `commands.ts`; edit these files.'];
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
    'Generated from `controller/cli/flags.ts`; edit that file. The flags of `tidegate controller` have the names of',
    'ingress-nginx; an unknown flag is an error. `tidegate clear-status` takes the same flags: it removes the addresses of an',
    'installation from the status of Ingresses, before the installation is removed.',
    '',
    ...table(undefined, '| flag | type | default | meaning |\n|---|---|---|---|', ({ name, type, fallback, about }) => {
      return `| \`--${name}\` | ${type} | ${fallback === '' ? '' : `\`${fallback}\``} | ${about} |`;
    }),
    '',
    '## Not supported yet',
    '',
    'These flags are accepted, with a warning.',
    '',
    ...table('later', '| flag | why |\n|---|---|', ({ name, about }) => `| \`--${name}\` | ${about} |`),
    '',
    '## Without effect',
    '',
    'These flags are accepted, with a warning, so that command lines written for ingress-nginx still work.',
    '',
    ...table('none', '| flag | why |\n|---|---|', ({ name, about }) => `| \`--${name}\` | ${about} |`),
  ];
  return `${lines.join('\n')}\n`;
}

export function boundsChapter(): string {
  const lines = [
    '# Bounds',
    '',
    'Generated from `controller/model/contract/bounds.ts`; edit that file.',
    '',
    'These bounds limit what one object may request. An object that exceeds a bound gets a Problem (code `bound-exceeded`, or the',
    'code of the unusable field) that names the bound and its flag; other objects are not affected. To raise a bound, set its',
    'flag to the same value on every replica. `tidegate controller`, `up`, `render`, `check` and `explain` accept all these flags.',
    '',
    '| bound | flag | default | accepted | what happens beyond the bound |',
    '|---|---|---|---|---|',
    ...Object.values(BOUNDS).map(
      ({ about, flag, fallback, least, most, beyond }) =>
        `| ${about} | \`--${flag}\` | ${fallback} | ${least} to ${most} | ${beyond} |`,
    ),
    '',
    'Keys of certificates must be RSA with at least 2,048 bits (OpenSSL of Debian refuses shorter keys in every handshake),',
    'ECDSA on P-256, P-384 or P-521, or Ed25519. Kubernetes itself limits all annotations of an object together to 262,144',
    'bytes. NGINX also limits the length of lists that it decodes: a list, snippet or ConfigMap may have 1,000 headers, a list of',
    'CORS origins 10,000 items, and a rewrite target or URL 200 variables and literal parts. A longer value is invalid.',
    '',
    '## Shares',
    '',
    "All namespaces share nginx.conf, NGINX's memory and the live data. Each namespace gets `--namespace-share` percent of",
    '`--max-conf-size`, of `--max-nginx-memory`, and of each part of `--max-live-data`: 30 % for routes, 40 % for certificates,',
    '20 % for endpoints, and 10 % that stay free. If a namespace exceeds a share, objects get a Problem with the code',
    '`namespace-share-exceeded`, as follows:',
    '',
    '- Ingresses are admitted oldest first, until their cost, which is estimated from their paths and annotations, fills the',
    "  share. The paths of the namespace's other Ingresses answer 503. If the paths that answer 503 would fill more than a",
    '  quarter of the share themselves, the remaining Ingresses are left out.',
    '- Zones of shared memory for rate and connection limits are assigned to the oldest Ingresses first, up to',
    '  `--max-limit-zones`. A limit without its zone would limit nobody, so all paths of an Ingress that gets no zone answer 503.',
    '- Secrets with certificates are admitted oldest first. Hosts whose Secret is not admitted get the default certificate.',
    '- Endpoints are limited to a maximum for each Service port of the namespace; ports with fewer endpoints are not affected.',
    '',
    'If all namespaces together need more than the total, the smallest demands are met in full, and the namespaces with the',
    'largest demands get equal parts of what remains. The default share suffices for 10,000 hosts with three paths, ten',
    'annotations and a certificate each in one namespace; a smaller share is better in a cluster with many tenants.',
    '',
    'Namespaces also share the time that reloads take (`--sync-rate-limit`). The next changes of a namespace wait up to 5 s',
    'for changes of other namespaces, and are then applied together with them, if both of the following are true:',
    '',
    '- The namespace has needed a reload in more than 4 of the last 10 intervals between reloads.',
    '- At least one other namespace has needed a reload in the last 200 intervals (5 minutes), but each of these has needed',
    '  fewer than half as many reloads in the last 10 intervals.',
  ];
  return `${lines.join('\n')}\n`;
}
