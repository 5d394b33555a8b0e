/** Settings, hosts and files → the static half of the Plan, whose changes need a reload of NGINX. */
import { isDeepStrictEqual } from 'node:util';
import { literal, variable, wordsWithVariables, word } from '../../types/conf-value.ts';
import type { FilePlan, StaticPlan } from '../../types/plan.ts';
import type { StreamServer } from '../../types/stream.ts';
import { accessLogFormat } from '../settings/access-log-format.ts';
import { planSnippets } from '../settings/admin-snippets.ts';
import type { HeaderConfigMaps } from '../settings/header-config-maps.ts';
import { clientAddress, forwardedPlan } from '../settings/client-address.ts';
import { listenPlan } from '../settings/listen.ts';
import { planLogs } from '../settings/log-plan.ts';
import { mapBucket } from '../settings/map-bucket.ts';
import { type BuildOptions, sameFixedOptions } from '../contract/options.ts';
import { clientTextDeclarations, clientTextsIn } from '../contract/client-texts.ts';
import { declarationsFor, setByLocations } from '../contract/request-variables.ts';
import { factsOf } from '../settings/settings-of.ts';
import { contributeSettings, type Settings } from '../settings/settings.ts';
import { planStreams } from '../settings/stream-settings.ts';
import type { TlsFiles } from '../settings/tls-files.ts';
import { upstreamHeaders } from '../settings/upstream-headers.ts';
import { workerConnections } from '../values/worker-limits.ts';

/** Everything that the static half depends on. */
export interface StaticInput {
  readonly settings: Settings;
  readonly hosts: StaticPlan['hosts'];
  /** Files of the hosts. */
  readonly files: readonly FilePlan[];
  /** TCP and UDP services. */
  readonly streams: readonly StreamServer[];
  readonly headers: HeaderConfigMaps;
  readonly tls: TlsFiles;
  readonly options: BuildOptions;
  /** Variables that are used in settings and header ConfigMaps. */
  readonly read: ReadonlySet<string>;
  readonly liveMegabytes: number;
}

const inputs = new WeakMap<StaticPlan, StaticInput>();

/**
 * Returns `before`, the result of the previous build, if its input was equal; nginx.conf is then not rendered again.
 */
export function planStatic(input: StaticInput, before: StaticPlan | undefined): StaticPlan {
  const known = before === undefined ? undefined : inputs.get(before);
  if (before !== undefined && known !== undefined && isSame(known, input)) return before;
  const plan = planned(input);
  inputs.set(plan, input);
  return plan;
}

function isSame(a: StaticInput, b: StaticInput): boolean {
  return (
    a.settings === b.settings &&
    a.hosts === b.hosts &&
    a.streams === b.streams &&
    a.read === b.read &&
    a.liveMegabytes === b.liveMegabytes &&
    a.files.length === b.files.length &&
    a.files.every((file, index) => file === b.files[index]) &&
    a.options.resolvedNames === b.options.resolvedNames &&
    sameFixedOptions(a.options, b.options) &&
    isDeepStrictEqual([a.headers, a.tls], [b.headers, b.tls])
  );
}

function planned({
  settings,
  hosts,
  files,
  streams,
  headers,
  tls,
  options,
  read,
  liveMegabytes,
}: StaticInput): StaticPlan {
  const { main, events, http, declarations } = contributeSettings(settings, factsOf(options));
  const forwarded = forwardedPlan(settings);
  const { format, escape } = accessLogFormat(settings);
  const hsts = [`max-age=${settings['hsts-max-age']}`];
  if (settings['hsts-include-subdomains']) hsts.push('includeSubDomains');
  if (settings['hsts-preload']) hsts.push('preload');
  return {
    snippets: planSnippets(settings),
    main,
    events,
    http: [mapBucket(settings), ...http, ...tls.http],
    declarations: [...declarations, ...declarationsFor(read, forwarded !== null), ...clientTextDeclarations(read)],
    logs: planLogs(settings, options.resolvedNames),
    logFormat: {
      escape: word(escape),
      format: wordsWithVariables(format),
    },
    variables: read,
    clientTexts: clientTextsIn(read),
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
    streams: planStreams(settings, streams, http, options),
    listen: listenPlan(settings),
    passthrough: options.sslPassthrough,
    upstreamHeaders: upstreamHeaders(settings, headers.upstream),
    responseHeaders: headers.response.length > 0 || settings['expose-reason'],
    exposeReason: settings['expose-reason'],
    serverTokens: settings['server-tokens'],
    requestIds: settings['generate-request-id'],
    keepalive: {
      connections: settings['upstream-keepalive-connections'],
      time: settings['upstream-keepalive-time'],
      timeout: settings['upstream-keepalive-timeout'],
      requests: settings['upstream-keepalive-requests'],
    },
    http2: settings['use-http2'],
    http3: settings['use-http3']
      ? { altSvc: literal(`h3=":${options.httpsPort}"; ma=${settings['http3-max-age']}`) }
      : null,
    brotli: settings['enable-brotli'],
    workerConnections: workerConnections(settings, options.openFiles),
    serverNames: { bucket: settings['server-name-hash-bucket-size'], max: settings['server-name-hash-max-size'] },
    hosts,
    files: [...new Map([...files, ...tls.files].map((file) => [file.name, file])).values()].sort((a, b) =>
      a.name < b.name ? -1 : 1,
    ),
    liveMegabytes,
  };
}
