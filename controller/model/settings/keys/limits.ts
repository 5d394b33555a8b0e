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
        'Key that tells clients apart for `limit-rps`, `limit-rpm` and `limit-connections`: requests with the same ' +
        'key count as requests of one client. It may contain letters, digits and variables about a request. Requests ' +
        "whose key is empty are not counted. If the key has more than 240 bytes, NGINX does not count a client's " +
        'connections.',
      good: ['$binary_remote_addr', '$http_x_api_key', '$host$remote_addr'],
      bad: ['address', '$upstream_addr', '$remote_addr;'],
    },
    'limit-req-status-code': {
      ...status,
      about:
        'Status of a request that `limit-rps` or `limit-rpm` refuses; 400 to 599. `limit-status-code` of an ' +
        'Ingress takes precedence.',
    },
    'limit-conn-status-code': {
      ...status,
      about:
        'Status of a request that `limit-connections` refuses; 400 to 599. `limit-status-code` of an Ingress takes ' +
        'precedence.',
    },
    'limit-rate': {
      ...rate,
      about:
        'Maximum rate at which each response is sent, in kilobytes per second; 0: no limit. It applies to Ingresses ' +
        'without their own value, if responses are buffered (`proxy-buffering`).',
    },
    'limit-rate-after': {
      ...rate,
      about:
        'Kilobytes of each response that are sent before `limit-rate` applies. This value is for Ingresses without ' +
        'their own value.',
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
