import { accept, type Parser, reject } from '../parser.ts';

/** Those that are still in use. */
export const TLS_VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
type TlsVersion = (typeof TLS_VERSIONS)[number];

/** One or more, in nginx's words. */
export const tlsVersions: Parser<readonly TlsVersion[]> = {
  accepts: `${TLS_VERSIONS.join(' and ')}, or one of them`,
  parse: (raw) => {
    const words = raw.split(/ +/);
    const known: readonly string[] = TLS_VERSIONS;
    if (!words.every((word) => known.includes(word))) return reject(`is not ${TLS_VERSIONS.join(' and ')}`);
    return accept(TLS_VERSIONS.filter((version) => words.includes(version)));
  },
};
