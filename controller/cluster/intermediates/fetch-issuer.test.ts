import { beforeAll, describe, expect, test } from 'vitest';
import { type Chain, makeChain, site } from '../fixtures/chain.ts';
import { type Fetched, fetchIssuer } from './fetch-issuer.ts';

const everywhere = () => true;
let chain: Chain;

beforeAll(() => {
  chain = makeChain({ host: 'shop.example.com', intermediates: 1, issuerUrl: () => undefined });
});

function subjects(fetched: Fetched): readonly string[] {
  return fetched.ok ? fetched.certificates.map(({ subject }) => subject) : [fetched.reason];
}

/** Returns the result for a response body from an address that may be contacted. */
async function fetchBody(body: Buffer | string, status = 200): Promise<readonly string[]> {
  const { url } = await site((_, response) => void response.writeHead(status).end(body));
  return subjects(await fetchIssuer(`${url}/ca`, everywhere)).map((text) => text.replace(`"${url}/ca": `, ''));
}

describe("the response of an issuer's server", () => {
  test('DER, PEM, and PEM with several certificates are accepted', async () => {
    expect(await fetchBody(chain.der(1))).toEqual(['CN=Test Intermediate 1']);
    expect(await fetchBody(chain.certificates[1] ?? '')).toEqual(['CN=Test Intermediate 1']);
    expect(await fetchBody(chain.certificates.slice(1).join('\n'))).toEqual(['CN=Test Intermediate 1', 'CN=Test Root']);
  });

  test('PKCS#7 bundles, and bodies that are not certificates, are refused with different reasons', async () => {
    expect(await fetchBody(chain.pkcs7(1))).toEqual(['the response is a PKCS#7 bundle, which is not supported']);
    expect(await fetchBody('-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----\n')).toEqual([
      'the response is a PKCS#7 bundle, which is not supported',
    ]);
    for (const body of ['<html>', '', chain.der(1).subarray(0, 100)]) {
      expect(await fetchBody(body)).toEqual(['the response is not a certificate in DER or PEM']);
    }
  });

  test('a status other than 200 is refused; redirects are not followed', async () => {
    const target = await site((_, response) => void response.end(chain.der(1)));
    const { url } = await site((_, response) => void response.writeHead(302, { location: target.url }).end());
    expect(subjects(await fetchIssuer(url, everywhere))).toEqual([
      `"${url}": the status of the response is 302, not 200`,
    ]);
    expect(target.asked).toEqual([]);
    expect(await fetchBody(chain.der(1), 404)).toEqual(['the status of the response is 404, not 200']);
  });

  test('a response of 64 KiB is accepted, a longer one is refused, and an endless one is aborted', async () => {
    const padded = (chain.certificates[1] ?? '').padEnd(64 * 1024, '\n');
    expect(await fetchBody(padded)).toEqual(['CN=Test Intermediate 1']);
    expect(await fetchBody(`${padded}\n`)).toEqual(['the response is longer than 64 KiB']);
    const closed = Promise.withResolvers<void>();
    const { url } = await site((_, response) => {
      const timer = setInterval(() => response.write(Buffer.alloc(16 * 1024)), 1);
      response.on('close', () => {
        clearInterval(timer);
        closed.resolve();
      });
    });
    expect(subjects(await fetchIssuer(url, everywhere))[0]).toContain('longer than 64 KiB');
    await closed.promise;
  });

  test('a server that stops sending before the response header or within the body leads to a timeout', async () => {
    const silent = await site(() => {});
    const stalled = await site((_, response) => void response.write('-----BEGIN'));
    const answers = await Promise.all([silent, stalled].map(({ url }) => fetchIssuer(url, everywhere)));
    expect(answers.flatMap(subjects)).toEqual([silent, stalled].map(({ url }) => `"${url}": no answer within 5 s`));
  });

  test('a refused connection is reported', async () => {
    expect(subjects(await fetchIssuer('http://127.0.0.1:1/', everywhere))[0]).toContain('ECONNREFUSED');
  });
});

describe('which URLs are fetched', () => {
  test.each(['ftp://example.com/ca', 'ldap:///CN=x', 'file:///etc/passwd', 'unix:/run/x.sock', 'no url'])(
    '%s is not an http URL',
    async (url) => {
      expect(subjects(await fetchIssuer(url))).toEqual([
        `${JSON.stringify(url)}: only http and https URLs are fetched`,
      ]);
    },
  );

  test.each(['127.0.0.1', '127.1', '0x7f000001', '0.0.0.0', '[::1]', '[::ffff:127.0.0.1]', 'localhost'])(
    'this machine, written as %s, is not contacted',
    async (host) => {
      const { port, asked } = await site((_, response) => void response.end(chain.der(1)));
      expect(subjects(await fetchIssuer(`http://${host}:${port}/`))[0]).toContain('is not contacted: it is a loopback');
      expect(asked).toEqual([]);
    },
  );

  test('the metadata service of a cloud is not contacted', async () => {
    expect(subjects(await fetchIssuer('http://169.254.169.254/latest/meta-data'))).toEqual([
      '"http://169.254.169.254/latest/meta-data": 169.254.169.254 is not contacted: it is a loopback, link-local, cloud-internal or special-use address',
    ]);
  });

  test('a host name is contacted only at its allowed addresses', async () => {
    const { port, asked } = await site((_, response) => void response.end(chain.der(1)));
    const judged: string[] = [];
    const only = (address: string) => {
      judged.push(address);
      return address === '127.0.0.1';
    };
    expect(subjects(await fetchIssuer(`http://localhost:${port}/ca`, only))).toEqual(['CN=Test Intermediate 1']);
    expect(asked).toEqual(['/ca']);
    expect(judged).toContain('127.0.0.1');
  });
});
