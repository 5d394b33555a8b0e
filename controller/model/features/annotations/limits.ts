import { integer, parameter, word } from '../../../types/conf-value.ts';
import { type Directive, directive } from '../../../types/directive.ts';
import { annotations } from '../annotation.ts';
import { countFor, limitKey, type LimitKey, type Zone, zoneOf } from '../limit-zones.ts';
import { networks } from '../../values/cidrs.ts';
import { kilobytes, kilobytesOf, limit, limitStatus } from '../../values/limits.ts';
import { wholeNumber } from '../../values/scalars.ts';

const common = { scope: 'location', risk: 'low', live: false } as const;
const number = { ...common, parser: limit(1_000_000), onInvalid: 'denied', bad: ['10/s', 'ten', '10000000'] } as const;
const speed = {
  ...common,
  parser: kilobytes,
  onInvalid: 'ignored',
  good: ['100', '0'],
  bad: ['100k', 'fast'],
} as const;

/** nginx counts connections in 16 bits. */
const MOST_CONNECTIONS = 65_535;
const BURST = 5;

interface Limits {
  readonly 'limit-rps': number | undefined;
  readonly 'limit-rpm': number | undefined;
  readonly 'limit-connections': number | undefined;
  readonly 'limit-burst-multiplier': number | undefined;
}

/** The limits that are set, each with the zone to which its directive refers. */
function limitsOf(values: Limits, key: LimitKey): readonly { readonly zone: Zone; readonly directive: Directive }[] {
  const { 'limit-rps': rps = 0, 'limit-rpm': rpm = 0, 'limit-connections': connections = 0 } = values;
  const multiplier = values['limit-burst-multiplier'] ?? BURST;
  const rate = (per: 's' | 'm', requests: number) => {
    if (requests === 0) return [];
    const zone = zoneOf({ per, rate: requests }, key);
    // nginx cannot express a burst of 0.
    const burst = multiplier === 0 ? [] : [parameter('burst', integer(requests * multiplier))];
    return [{ zone, directive: directive('limit_req', parameter('zone', zone.name), ...burst, word('nodelay')) }];
  };
  const concurrent = () => {
    const zone = zoneOf('connections', key);
    return { zone, directive: directive('limit_conn', zone.name, integer(connections)) };
  };
  return [...rate('s', rps), ...rate('m', rpm), ...(connections === 0 ? [] : [concurrent()])];
}

export default annotations({
  group: 'Limits',
  keys: {
    'limit-rps': {
      ...number,
      about:
        'Requests per second that a client may send to all hosts and paths of the Ingress together; requests beyond ' +
        'that get 503 (`limit-status-code`, or `limit-req-status-code` of the ConfigMap). Clients are told apart by ' +
        'their addresses, or by the value of `limit-conn-zone-variable` of the ConfigMap. The burst is this number ' +
        'times `limit-burst-multiplier`. 0 means no limit. With an invalid value, the paths answer 503. Each replica ' +
        'counts separately. Requests that are answered without a backend (redirects, 503 without endpoints) are not ' +
        'counted. All Ingresses with the same number and allowlist share memory for 131,072 clients; when it is ' +
        'full, the clients that have been idle longest are forgotten. Counts survive a reload.',
      good: ['10', '0', '-1'],
    },
    'limit-rpm': {
      ...number,
      about:
        'Like `limit-rps`, but per minute. NGINX spreads the limit evenly: with 60 per minute, one request per ' +
        'second is allowed, plus the burst. If both are set, both limits apply.',
      good: ['60', '0'],
    },
    'limit-connections': {
      ...number,
      parser: limit(MOST_CONNECTIONS),
      about:
        'Number of requests that a client may have in progress at the same time, across all hosts and paths of the ' +
        'Ingress; requests beyond that get 503 (`limit-status-code`, or `limit-conn-status-code` of the ConfigMap). ' +
        'Each HTTP/2 stream counts as a request. 0 means no limit. With an invalid value, the paths answer 503.',
      good: ['20', '0'],
      bad: ['many', '65536'],
    },
    'limit-burst-multiplier': {
      ...common,
      parser: wholeNumber(0, 1000),
      onInvalid: 'ignored',
      about:
        `The burst, as a multiple of \`limit-rps\` and \`limit-rpm\`; ${BURST} if absent. Requests of a burst are ` +
        'served without delay. 0: no burst.',
      good: ['5', '0'],
      bad: ['-1', 'twice'],
    },
    'limit-rate': {
      ...speed,
      setting: 'limit-rate',
      about:
        'Maximum rate at which each response is sent, in kilobytes per second; 0: no limit. Each concurrent request ' +
        'of a client has its own limit. NGINX limits only responses that it buffers: without `proxy-buffering: ' +
        '"on"`, the annotation has no effect, and a warning is logged.',
    },
    'limit-rate-after': {
      ...speed,
      setting: 'limit-rate-after',
      about: 'Kilobytes of each response that are sent before `limit-rate` applies.',
    },
    'limit-allowlist': {
      ...common,
      parser: networks,
      aliases: ['limit-whitelist'],
      onInvalid: 'ignored',
      about:
        'Clients to which `limit-rps`, `limit-rpm` and `limit-connections` of the Ingress do not apply. An invalid ' +
        'list exempts no client.',
      good: ['10.0.0.0/8, 192.168.1.1', '2001:db8::/32'],
      bad: ['10.0.0.0/33', 'office'],
    },
    'limit-status-code': {
      ...common,
      parser: limitStatus,
      onInvalid: 'ignored',
      about:
        'Status of the responses to requests that `limit-rps`, `limit-rpm` or `limit-connections` refuses, instead ' +
        'of the statuses of the ConfigMap. ingress-nginx does not have this annotation.',
      good: ['429', '503'],
      bad: ['200', 'busy'],
    },
  },
  location: (values, { ingress, settings }) => {
    const { 'limit-rate': kbs, 'limit-rate-after': after, 'limit-status-code': status } = values;
    const bandwidth = {
      ...((kbs ?? 0) > 0 && { needsBuffering: ['limit-rate'] }),
      directives: [
        ...(kbs === undefined || kbs === settings['limit-rate'] ? [] : [directive('limit_rate', kilobytesOf(kbs))]),
        ...(after === undefined || after === settings['limit-rate-after']
          ? []
          : [directive('limit_rate_after', kilobytesOf(after))]),
      ],
    };
    const counted = [values['limit-rps'], values['limit-rpm'], values['limit-connections']];
    if (!counted.some((each = 0) => each > 0)) return bandwidth;
    const exempt = values['limit-allowlist'] ?? [];
    const key = limitKey({ key: settings['limit-conn-zone-variable'], exempt });
    const limits = limitsOf(values, key);
    return {
      ...bandwidth,
      declarations: [...key.declarations, ...limits.map(({ zone }) => zone.declaration)],
      directives: [
        countFor(ingress),
        ...limits.map((each) => each.directive),
        ...(status === undefined
          ? []
          : [directive('limit_req_status', integer(status)), directive('limit_conn_status', integer(status))]),
        ...bandwidth.directives,
      ],
    };
  },
});
