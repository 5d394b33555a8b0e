import { z } from 'zod';
import { COUNT, PAGE_QUERY, pageOf, SEARCH_FILTER, TIME } from './parts.ts';

export const CERTIFICATE = z
  .object({
    secret: z.string().nullable().describe('namespace/name of the Secret; null for the default certificate'),
    names: z.array(z.string()).describe('DNS names and addresses in the certificate'),
    fingerprint: z.string().describe('SHA-256 of the certificate, in hexadecimal digits with colons'),
    notBefore: TIME.describe('when the certificate becomes valid'),
    notAfter: TIME.describe('when the certificate expires'),
    daysLeft: z.number().describe('days until the certificate expires; negative if it has expired'),
    issuer: z.string().describe('common name of the issuer'),
    hosts: z.array(z.string()).describe('server names that get the certificate; `_` for all other names. At most 100'),
    moreHosts: COUNT.describe('number of server names beyond those in `hosts`'),
    fallback: z.boolean().describe('whether names without a certificate of their own get this certificate'),
    kept: z
      .string()
      .nullable()
      .describe('why the last good certificate is served instead of the content of the Secret; otherwise null'),
  })
  .meta({ id: 'Certificate', description: 'a certificate that NGINX serves' });

export type CertificateItem = z.output<typeof CERTIFICATE>;

export const CERTIFICATES_QUERY = PAGE_QUERY.extend({ search: SEARCH_FILTER });
export type CertificatesQuery = z.output<typeof CERTIFICATES_QUERY>;

export const CERTIFICATES = pageOf(CERTIFICATE);
