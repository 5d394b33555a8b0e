import { annotations } from '../annotation.ts';
import { accept, type Parser, reject } from '../../contract/parser.ts';
import { bool } from '../../values/scalars.ts';

const directives: Parser<string> = {
  accepts: 'directives of ModSecurity',
  parse: (raw) => (raw.includes('\0') ? reject('holds a control character') : accept(raw)),
};

const transactionId: Parser<string> = {
  accepts: 'letters, digits, _ - and variables',
  parse: (raw) =>
    /^[A-Za-z0-9_${}-]*$/.test(raw.replaceAll(' ', ''))
      ? accept(raw)
      : reject('holds a character that it may not hold'),
};

const verdict = { kind: 'later', why: 'there is no ModSecurity yet', ownReport: true } as const;
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
        '`true` closes the paths with 503, because they asked for a guard that is not there yet. With ' +
        '`--ignore-modsecurity` they are served without it, and a warning says so.',
      good: ['true', 'false'],
      bad: ['on', 'yes'],
    },
    'enable-owasp-core-rules': {
      ...part,
      parser: bool,
      risk: 'low',
      about: 'Means something with enable-modsecurity only.',
      good: ['true', 'false'],
      bad: ['on', 'yes'],
    },
    'modsecurity-snippet': {
      ...part,
      parser: directives,
      risk: 'critical',
      about:
        'The same. Like every snippet it needs `allow-snippet-annotations`, and `annotations-risk-level: Critical`.',
      good: ['SecRuleEngine On'],
      bad: ['SecRuleEngine \0'],
    },
    'modsecurity-transaction-id': {
      ...part,
      parser: transactionId,
      risk: 'high',
      about: 'The same.',
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
    return denied ? { route: { deny: 503 } } : {};
  },
});
