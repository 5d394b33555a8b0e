import { settings } from '../../contract/setting.ts';
import { bool } from '../../values/scalars.ts';
import { linesOfText } from '../../values/texts.ts';
import type { Verdict } from '../../contract/verdict.ts';

/**
 * Users who enable ModSecurity must learn that requests are not checked, so this is an error. Answering 503 on all
 * paths instead would turn a migration from ingress-nginx into an outage.
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
        'ModSecurity checks every request. This is not supported yet: an error is reported, and requests are passed ' +
        'on unchecked. In contrast, the paths of an Ingress with the annotation of the same name answer 503.',
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
      about: 'Rules of ModSecurity that replace the recommended rules.',
      good: ['SecRuleEngine On'],
      bad: ['SecRuleEngine\u0007On'],
      verdict: UNGUARDED,
    },
  },
});
