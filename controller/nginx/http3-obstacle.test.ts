/** Which NGINX may serve HTTP/3, and what is reported about others. */
import { expect, test } from 'vitest';
import { http3Obstacle } from './http3-obstacle.ts';
import type { NginxRelease } from './nginx-release.ts';

const trixie = (revision: string): NginxRelease => ({
  version: '1.26.3',
  package: { version: `1.26.3-3${revision}`, debian: 'trixie' },
});

test('a package of Debian that has all fixes may serve HTTP/3, although the release of NGINX lacks them', () => {
  expect(http3Obstacle({ http3: true }, trixie('+deb13u11'))).toBeNull();
  expect(http3Obstacle({ http3: true }, trixie('+deb13u12'))).toBeNull();
  expect(http3Obstacle({ http3: true }, { version: '1.26.3' })).toMatch(
    /NGINX 1\.26\.3 has CVE-2026-40460 .*fixed in NGINX/,
  );
});

test('an older package of Debian may not, and the message names the vulnerabilities and the fixed versions', () => {
  expect(http3Obstacle({ http3: true }, trixie('+deb13u10'))).toBe(
    'needs an NGINX without known vulnerabilities of HTTP/3; NGINX 1.26.3 (package 1.26.3-3+deb13u10 of Debian trixie) ' +
      'has CVE-2026-121810 (an HTTP/3 connection can be freed while it gets a new stream; fixed in package ' +
      '1.26.3-3+deb13u11) (list of 2026-11-30)',
  );
  expect(http3Obstacle({ http3: true }, trixie(''))).toMatch(/CVE-2026-40460 .*CVE-2026-95101 .*CVE-2026-121810 /);
});

test.each<[string, string | undefined]>([
  ['1.26.3-3ubuntu1', undefined],
  ['1.25.0-1', 'sid'],
])('the package %s of %s is judged by the release of NGINX, because its fixes are not known', (version, debian) => {
  const release = { version: version.replace(/-.*/, ''), package: { version, debian } };
  expect(http3Obstacle({ http3: true }, release)).toMatch(/^needs an NGINX without known vulnerabilities of HTTP\/3/);
});

test('many vulnerabilities are counted and not all named', () => {
  expect(http3Obstacle({ http3: true }, { version: '1.25.0' })).toMatch(/and 6 more \(list/);
});

test('an NGINX without the module, such as that of Debian 12, may not', () => {
  const bookworm = { version: '1.22.1', package: { version: '1.22.1-9+deb12u11', debian: 'bookworm' } };
  expect(http3Obstacle({ http3: false }, bookworm)).toBe(
    'needs an NGINX that was built with http_v3_module, which NGINX 1.22.1 (package 1.22.1-9+deb12u11 of Debian ' +
      'bookworm) was not',
  );
});
