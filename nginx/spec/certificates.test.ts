/** Which certificate NGINX presents in a TLS handshake, depending on the server name. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from './certificates.ts';
import { startFixture } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { certificateName } from './request.ts';

let nginx: Fixture;

beforeAll(async () => {
  nginx = await startFixture();
});

afterAll(() => nginx?.stop());

function answering(name: string | undefined): Promise<string> {
  return certificateName(nginx.tlsPort, name);
}

describe('a TLS handshake', () => {
  it('presents the certificate of nginx.conf if the live data contains no certificate', async () => {
    expect(await answering('a.example.com')).toBe('boot');
    expect(await answering(undefined)).toBe('boot');
  });

  it('presents the certificate of the server name, else of its wildcard, else the default certificate', async () => {
    await nginx.api.push({
      'c:shop/exact': selfSigned('exact'),
      'c:shop/wild': selfSigned('wild'),
      'c:_': selfSigned('default'),
      'n:a.example.com': 'shop/exact',
      'n:*.example.com': 'shop/wild',
      'n:_': '_',
    });
    expect(await answering('a.example.com')).toBe('exact');
    expect(await answering('A.Example.COM')).toBe('exact');
    expect(await answering('b.example.com')).toBe('wild');
    expect(await answering('c.b.example.com')).toBe('default');
    expect(await answering('example.com')).toBe('default');
    expect(await answering('other.test')).toBe('default');
    expect(await answering(undefined)).toBe('default');
  });

  it('presents the new certificate in every worker immediately after a certificate was replaced', async () => {
    await nginx.api.push({ 'c:shop/exact': selfSigned('exact-2', 2) });
    const names = await Promise.all(Array.from({ length: 20 }, () => answering('a.example.com')));
    expect(new Set(names)).toEqual(new Set(['exact-2']));
  });

  it('presents the default certificate instead of a missing one or one with a wrong private key', async () => {
    const foreign = { chain: selfSigned('exact').chain, key: selfSigned('wild').key };
    await nginx.api.push({
      'n:missing.test': 'shop/missing',
      'n:foreign.test': 'shop/foreign',
      'c:shop/foreign': foreign,
    });
    expect(await answering('missing.test')).toBe('default');
    expect(await answering('foreign.test')).toBe('default');
    expect(await answering('a.example.com')).toBe('exact-2');
    expect(nginx.errorLog()).toContain('certificate shop/foreign: the private key belongs to another certificate');
  });

  it('presents the certificate of nginx.conf again when the default certificate is removed', async () => {
    await nginx.api.push({ 'c:_': null });
    expect(await answering('other.test')).toBe('boot');
    await nginx.api.push({ 'n:_': null });
    expect(await answering(undefined)).toBe('boot');
    expect(await answering('a.example.com')).toBe('exact-2');
  });

  it('presents the same certificates after a reload and after all workers were killed', async () => {
    await nginx.reload();
    expect(await answering('a.example.com')).toBe('exact-2');
    for (const pid of nginx.workers()) process.kill(pid, 'SIGKILL');
    await nginx.reload();
    expect(await answering('b.example.com')).toBe('wild');
  });
});
