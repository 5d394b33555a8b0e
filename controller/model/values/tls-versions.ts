import { accept, type Parser, reject } from '../contract/parser.ts';
import { listOf } from './list.ts';

/** TLS versions that are still considered secure. */
export const TLS_VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
/** All versions, including those that only very old clients need. */
const ALL_TLS_VERSIONS = ['TLSv1', 'TLSv1.1', ...TLS_VERSIONS] as const;

/** One or more of these versions, in nginx's syntax. Invalid items can be dropped, because that never allows more. */
function versionsAmong<const T extends string>(known: readonly T[]): Parser<readonly T[]> {
  const list = `${known.slice(0, -1).join(', ')} and ${known.at(-1) ?? ''}`;
  return listOf({
    accepts: `${list}, or some of them`,
    separator: / +/,
    item: (text) => {
      const version = known.find((each) => each === text);
      return version === undefined ? reject(`is not one of ${list}`) : accept(version);
    },
    value: (versions) => known.filter((version) => versions.includes(version)),
  });
}

export const tlsVersions = versionsAmong(TLS_VERSIONS);
export const allTlsVersions = versionsAmong(ALL_TLS_VERSIONS);
