import { integer } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { settings } from '../../contract/setting.ts';
import { clientKey, kilobytes, kilobytesOf, limitStatus } from '../../values/limits.ts';

const status = { parser: limitStatus, fallback: 503, good: ['429', '503'], bad: ['200', '600', 'busy'] } as const;
const rate = { parser: kilobytes, fallback: 0, good: ['100', '0'], bad: ['100k', 'fast'] } as const;

export default settings({
  chapter: 'Limits',
  keys: {
    'limit-conn-zone-variable': {
      parser: clientKey,
      fallback: '$binary_remote_addr',
      about:
        'Who is one client for `limit-rps`, `limit-rpm` and `limit-connections`: requests with the same text. Letters, digits ' +
        'and variables that say something about a request. Those whose text is empty are not counted. NGINX counts no ' +
        'connections of a client with more than 240 bytes.',
      good: ['$binary_remote_addr', '$http_x_api_key', '$host$remote_addr'],
      bad: ['address', '$upstream_addr', '$remote_addr;'],
    },
    'limit-req-status-code': {
      ...status,
      about:
        'Status of a request that `limit-rps` or `limit-rpm` refuses; 400 to 599. `limit-status-code` of an Ingress wins.',
    },
    'limit-conn-status-code': {
      ...status,
      about:
        'Status of a request that `limit-connections` refuses; 400 to 599. `limit-status-code` of an Ingress wins.',
    },
    'limit-rate': {
      ...rate,
      about:
        'Kilobytes a second that each answer is sent with; 0 is no limit. For every Ingress without its own, where answers are buffered (`proxy-buffering`).',
    },
    'limit-rate-after': {
      ...rate,
      about: 'Kilobytes of each answer that are sent before `limit-rate` counts. For every Ingress without its own.',
    },
  },
  contribute: (values) => {
    const inBytes = (name: 'limit_rate' | 'limit_rate_after', kb: number) =>
      kb === 0 ? [] : [directive(name, kilobytesOf(kb))];
    const [requests, connections] = [values['limit-req-status-code'], values['limit-conn-status-code']];
    return {
      http: [
        ...(requests === 503 ? [] : [directive('limit_req_status', integer(requests))]),
        ...(connections === 503 ? [] : [directive('limit_conn_status', integer(connections))]),
        ...inBytes('limit_rate', values['limit-rate']),
        ...inBytes('limit_rate_after', values['limit-rate-after']),
      ],
    };
  },
});
