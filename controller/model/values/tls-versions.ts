import { accept, type Parser, reject } from '../parser.ts';

/** Those that are still in use. */
export const TLS_VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
/** With those that a client of long ago may need. */
const ALL_TLS_VERSIONS = ['TLSv1', 'TLSv1.1', ...TLS_VERSIONS] as const;

/** One or more of some versions, in nginx's words; others are dropped, unless all are: the rest of a list is never wider. */
function versionsAmong<const T extends string>(known: readonly T[]): Parser<readonly T[]> {
  const list = `${known.slice(0, -1).join(', ')} and ${known.at(-1) ?? ''}`;
  return {
    accepts: `${list}, or some of them`,
    parse: (raw) => {
      const words: readonly string[] = raw.split(/ +/);
      const good = known.filter((version) => words.includes(version));
      if (good.length === 0) return reject(`is not ${list}`);
      const bad = words.filter((word) => !known.some((version) => version === word));
      return accept(good, bad.length === 0 ? undefined : `holds ${bad.join(', ')}; the others hold`);
    },
  };
}

export const tlsVersions = versionsAmong(TLS_VERSIONS);
export const allTlsVersions = versionsAmong(ALL_TLS_VERSIONS);
