import { settings } from '../../contract/setting.ts';
import { bool } from '../../values/scalars.ts';
import { linesOfText } from '../../values/texts.ts';
import type { Verdict } from '../../contract/verdict.ts';

/** Whoever asks for a firewall has to hear that there is none; 503 for everybody would be an outage by upgrade. */
const UNGUARDED: Verdict<never> = {
  kind: 'later',
  why: 'there is no web application firewall here, and requests are passed on without its checks',
  severity: 'error',
};

export default settings({
  chapter: 'Modules',
  keys: {
    'enable-modsecurity': {
      parser: bool,
      fallback: false,
      about:
        'ModSecurity judges every request. Here nothing does: an error is reported, and requests are passed on. An Ingress ' +
        'that asks for it with its annotation is closed instead.',
      good: ['true', 'false'],
      bad: ['on'],
      verdict: UNGUARDED,
    },
    'enable-owasp-modsecurity-crs': {
      parser: bool,
      fallback: false,
      about: 'ModSecurity uses the OWASP core rules.',
      good: ['true', 'false'],
      bad: ['on'],
      verdict: UNGUARDED,
    },
    'modsecurity-snippet': {
      parser: linesOfText,
      fallback: '',
      about: 'Rules of ModSecurity in place of the recommended ones.',
      good: ['SecRuleEngine On'],
      bad: ['SecRuleEngine\u0007On'],
      verdict: UNGUARDED,
    },
  },
});
