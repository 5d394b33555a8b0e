import { expect, it } from 'vitest';
import { createPair } from '../app/fallback-certificate.ts';
import type { LiveCertificate } from '../types/live.ts';
import type { Plan } from '../types/plan.ts';
import { certificateFamilies } from './certificate-metrics.ts';
import { familyText } from './exposition/text-format.ts';

const PAIR = await createPair();
const BROKEN: LiveCertificate = { chain: 'no certificate', key: '' };

/** The label `host` of each line of ssl_expire_time_seconds, with the label `secret_name`. */
function hostsOf(names: Record<string, string>, defaultCertificate = ''): readonly string[] {
  const certificates = new Map([
    ['_', PAIR],
    ['shop/tls', PAIR],
    ['shop/broken', BROKEN],
  ]);
  const plan = { live: { names: new Map(Object.entries(names)), certificates } } as unknown as Plan;
  const families = certificateFamilies(plan, { controllerClass: 'c', defaultCertificate });
  const page = families.flatMap((family) => [...familyText(family)]).join('');
  expect(page).not.toContain(PAIR.key.split('\n')[1]);
  return [
    ...page.matchAll(/^nginx_ingress_controller_ssl_expire_time_seconds\{.*host="(.*?)",secret_name="(.*?)"/gm),
  ].map(([, host, secret]) => `${host} ${secret}`);
}

it('lists each host with a certificate of its own, and leaves out a certificate that cannot be parsed', () => {
  expect(
    hostsOf({ 'a.test': 'shop/tls', '*.b.test': 'shop/tls', 'c.test': 'shop/broken', 'd.test': 'shop/gone' }),
  ).toEqual(['a.test tls', '*.b.test tls']);
});

it('lists the default certificate once, and the self-signed certificate not at all', () => {
  const names = { _: '_', 'a.test': '_', 'b.test': 'shop/tls' };
  expect(hostsOf(names)).toEqual(['b.test tls']);
  expect(hostsOf(names, 'edge/wildcard')).toEqual(['_ wildcard', 'b.test tls']);
});
