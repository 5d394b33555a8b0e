import { settings } from '../../contract/setting.ts';
import { bool } from '../../values/scalars.ts';
import { linesOfText } from '../../values/texts.ts';
import type { Verdict } from '../../contract/verdict.ts';

/**
 * Whoever asks for a firewall must be told that there is none; 503 everywhere would turn the upgrade into an outage.
 */
const UNGUARDED: Verdict<never> = {
  kind: 'later',
  why: 'requests are passed on without its checks',
  severity: 'error',
};

export default settings({
  chapter: 'Modules',
  keys: {
    'enable-modsecurity': {
      parser: bool,
      fallback: false,
      about:
        'ModSecurity checks every request. Not supported yet: an error is reported, and requests are passed on ' +
        'unchecked. The paths of an Ingress with the annotation answer 503 instead.',
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
      about: 'Rules of ModSecurity that replace the recommended ones.',
      good: ['SecRuleEngine On'],
      bad: ['SecRuleEngine\u0007On'],
      verdict: UNGUARDED,
    },
  },
});
