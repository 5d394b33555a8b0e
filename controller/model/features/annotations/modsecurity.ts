import { annotations } from '../annotation.ts';
import { closed } from '../closed.ts';
import { accept, type Parser, reject } from '../../contract/parser.ts';
import { bool } from '../../values/scalars.ts';

const directives: Parser<string> = {
  accepts: 'ModSecurity directives',
  parse: (raw) => (raw.includes('\0') ? reject('contains a control character') : accept(raw)),
};

const transactionId: Parser<string> = {
  accepts: 'letters, digits, - and _, and variables',
  parse: (raw) =>
    /^[A-Za-z0-9_${}-]*$/.test(raw.replaceAll(' ', ''))
      ? accept(raw)
      : reject('contains a character that is not allowed'),
};

const verdict = { kind: 'later', why: 'requests are not checked', ownReport: true } as const;
const part = { onInvalid: 'ignored', scope: 'location', live: false, verdict } as const;

export default annotations({
  group: 'ModSecurity',
  keys: {
    'enable-modsecurity': {
      ...part,
      parser: bool,
      risk: 'low',
      live: true,
      about:
        'With `true`, the paths answer 503, because ModSecurity is not supported yet, and serving requests unchecked ' +
        'would be unsafe. With `--ignore-modsecurity`, the paths are served without ModSecurity, and a warning is ' +
        'logged.',
      good: ['true', 'false'],
      bad: ['on', 'yes'],
    },
    'enable-owasp-core-rules': {
      ...part,
      parser: bool,
      risk: 'low',
      about: 'Whether to use the OWASP core rules. It applies only with enable-modsecurity.',
      good: ['true', 'false'],
      bad: ['on', 'yes'],
    },
    'modsecurity-snippet': {
      ...part,
      parser: directives,
      risk: 'critical',
      about:
        'Rules for ModSecurity. They apply only with enable-modsecurity. Like every snippet, they need ' +
        '`allow-snippet-annotations`, and `annotations-risk-level: Critical`.',
      good: ['SecRuleEngine On'],
      bad: ['SecRuleEngine \0'],
    },
    'modsecurity-transaction-id': {
      ...part,
      parser: transactionId,
      risk: 'high',
      about: 'Transaction ID for ModSecurity. It applies only with enable-modsecurity.',
      good: ['$request_id'],
      bad: ['a;b', 'a"b'],
    },
  },
  location: (values, { flags, report, annotationField }) => {
    const enabled = values['enable-modsecurity'] === true;
    const [first] = Object.entries(values).flatMap(([name, value]) => (value === false ? [] : [name]));
    if (first === undefined) return {};
    const denied = enabled && !flags.ignoreModsecurity;
    const message = denied
      ? 'ModSecurity is not supported yet; --ignore-modsecurity serves the paths without it'
      : `${first} has no effect: ModSecurity is not supported yet`;
    report({
      code: 'modsecurity',
      severity: denied ? 'error' : 'warning',
      effect: denied ? 'denied-location' : 'ignored-key',
      field: annotationField(enabled ? 'enable-modsecurity' : first),
      message,
    });
    return denied ? { route: closed('enable-modsecurity') } : {};
  },
});
