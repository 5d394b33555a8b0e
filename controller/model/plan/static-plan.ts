/** Settings, hosts and files → the static half of the Plan, whose changes need a reload of NGINX. */
import { literal, variable, wordsWithVariables, word } from '../../types/conf-value.ts';
import type { FilePlan, StaticPlan } from '../../types/plan.ts';
import { planSnippets } from '../settings/admin-snippets.ts';
import type { HeaderConfigMaps } from '../settings/header-config-maps.ts';
import { clientAddress, forwardedPlan } from '../settings/client-address.ts';
import { listenPlan } from '../settings/listen.ts';
import { planLogs } from '../settings/log-plan.ts';
import { mapBucket } from '../settings/map-bucket.ts';
import type { BuildOptions } from '../contract/options.ts';
import { declarationsFor, setByLocations } from '../contract/request-variables.ts';
import { factsOf } from '../settings/settings-of.ts';
import { contributeSettings, type Settings } from '../settings/settings.ts';
import type { TlsFiles } from '../settings/tls-files.ts';
import { upstreamHeaders } from '../settings/upstream-headers.ts';
import { workerConnections } from '../values/worker-limits.ts';

export function planStatic(
  settings: Settings,
  hosts: StaticPlan['hosts'],
  files: readonly FilePlan[],
  headers: HeaderConfigMaps,
  tls: TlsFiles,
  options: BuildOptions,
  read: ReadonlySet<string>,
): Omit<StaticPlan, 'liveMegabytes'> {
  const { main, events, http, declarations } = contributeSettings(settings, factsOf(options));
  const forwarded = forwardedPlan(settings);
  const escape = settings['log-format-escape-none'] ? 'none' : settings['log-format-escape-json'] ? 'json' : 'default';
  const hsts = [`max-age=${settings['hsts-max-age']}`];
  if (settings['hsts-include-subdomains']) hsts.push('includeSubDomains');
  if (settings['hsts-preload']) hsts.push('preload');
  return {
    snippets: planSnippets(settings),
    main,
    events,
    http: [mapBucket(settings), ...http, ...tls.http],
    declarations: [...declarations, ...declarationsFor(read, forwarded !== null)],
    logs: planLogs(settings, options.resolvedNames),
    logFormat: {
      escape: word(escape),
      format: wordsWithVariables(settings['log-format-upstream']),
    },
    variables: read,
    setByLocations: setByLocations(read).map(variable),
    statusAllowed: [...settings['nginx-status-ipv4-whitelist'], ...settings['nginx-status-ipv6-whitelist']].map(
      literal,
    ),
    blocks:
      settings['block-cidrs'].length > 0 ||
      settings['block-user-agents'] !== null ||
      settings['block-referers'] !== null,
    hsts: settings.hsts ? literal(hsts.join('; ')) : null,
    clientAddress: clientAddress(settings),
    forwarded,
    listen: listenPlan(settings),
    upstreamHeaders: upstreamHeaders(settings, headers.upstream),
    responseHeaders: headers.response.length > 0,
    serverTokens: settings['server-tokens'],
    requestIds: settings['generate-request-id'],
    keepalive: {
      connections: settings['upstream-keepalive-connections'],
      time: settings['upstream-keepalive-time'],
      timeout: settings['upstream-keepalive-timeout'],
      requests: settings['upstream-keepalive-requests'],
    },
    http2: settings['use-http2'],
    brotli: settings['enable-brotli'],
    workerConnections: workerConnections(settings, options.openFiles),
    serverNames: { bucket: settings['server-name-hash-bucket-size'], max: settings['server-name-hash-max-size'] },
    hosts,
    files: [...new Map([...files, ...tls.files].map((file) => [file.name, file])).values()].sort((a, b) =>
      a.name < b.name ? -1 : 1,
    ),
  };
}
