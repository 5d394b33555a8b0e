/** Random changes to PEM, as people, editors and attackers make them. */
import type { Random } from '../values/random.ts';

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\n([\s\S]*?)-----END \1-----\n?/g;

type Mutation = (text: string, random: Random) => string;

function pick<T>(list: readonly T[], random: Random, otherwise: T): T {
  return list.length === 0 ? otherwise : random.pick(list);
}

function blocksOf(text: string): string[] {
  return text.match(BLOCK) ?? [];
}

function splice(text: string, at: number, removed: number, added = ''): string {
  return text.slice(0, at) + added + text.slice(at + removed);
}

/** Changes the bytes of one block, and encodes them as PEM again. */
function inDer(change: (der: Buffer, random: Random) => Buffer): Mutation {
  return (text, random) => {
    const block = pick(blocksOf(text), random, '');
    return text.replace(block, () =>
      block.replace(BLOCK, (_, label: string, body: string) => {
        const der = change(Buffer.from(body, 'base64'), random);
        const lines = der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
        return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
      }),
    );
  };
}

const ODD = ['\u0000', '\r', '\n\n', ' ', '\t', '=', '-----', 'é', '\uFEFF', '----------', '!', '#'];
const LABELS = [
  'CERTIFICATE',
  'TRUSTED CERTIFICATE',
  'X509 CERTIFICATE',
  'PRIVATE KEY',
  'EC PRIVATE KEY',
  'X509 CRL',
  'DH PARAMETERS',
  'PUBLIC KEY',
];

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'a changed byte of DER': inDer((der, { below }) => {
    const copy = Buffer.from(der);
    const at = below(Math.max(1, copy.length));
    copy[at] = below(256);
    return copy;
  }),
  'a changed length in DER': inDer((der, { below }) => {
    const copy = Buffer.from(der);
    copy[1 + below(8)] = below(256);
    return copy;
  }),
  'truncated DER': inDer((der, { below }) => der.subarray(0, below(der.length + 1))),
  'DER with extra bytes at the end': inDer((der, { below }) =>
    Buffer.concat([der, Buffer.alloc(1 + below(8), below(256))]),
  ),
  'DER with missing bytes': inDer((der, { below }) => {
    const at = below(der.length + 1);
    return Buffer.concat([der.subarray(0, at), der.subarray(at + 1 + below(16))]);
  }),
  'a replaced character': (text, random) => splice(text, random.below(text.length + 1), 1, pick(ODD, random, '')),
  'an inserted character': (text, random) => splice(text, random.below(text.length + 1), 0, pick(ODD, random, '')),
  'a missing line': (text, random) => {
    const lines = text.split('\n');
    lines.splice(random.below(lines.length), 1);
    return lines.join('\n');
  },
  'two swapped lines': (text, random) => {
    const lines = text.split('\n');
    const [a, b] = [random.below(lines.length), random.below(lines.length)];
    [lines[a], lines[b]] = [lines[b] ?? '', lines[a] ?? ''];
    return lines.join('\n');
  },
  'a truncated text': (text, { below }) => text.slice(0, below(text.length + 1)),
  'a missing beginning': (text, { below }) => text.slice(below(text.length + 1)),
  'one long line': (text) => text.replace(/([A-Za-z0-9+/=])\n(?!-)/g, '$1'),
  CRLF: (text) => text.replaceAll('\n', '\r\n'),
  'no line feeds': (text) => text.replaceAll('\n', ''),
  'spaces at the ends of lines': (text) => text.replaceAll('\n', ' \n'),
  'another label': (text, random) => text.replaceAll(/(BEGIN|END) [A-Z0-9 ]+/g, `$1 ${pick(LABELS, random, '')}`),
  'another label at one end': (text, random) => text.replace(/BEGIN [A-Z0-9 ]+/, `BEGIN ${pick(LABELS, random, '')}`),
  'blocks in another order': (text, { below }) =>
    blocksOf(text)
      .map((block) => ({ block, at: below(1000) }))
      .sort((a, b) => a.at - b.at)
      .map(({ block }) => block)
      .join(''),
  'a duplicate block': (text, random) => text + pick(blocksOf(text), random, ''),
  'a missing block': (text, random) => text.replace(pick(blocksOf(text), random, ''), ''),
  'an explanation in front': (text) => `Subject: CN=somebody\nIssuer: somebody else\n\n${text}`,
  'headers in a block': (text) => text.replace(/-----\n/, '-----\nProc-Type: 4,CLEAR\n\n'),
  'encoded in Base64 again': (text) => Buffer.from(text).toString('base64'),
  nothing: () => '',
};

/** One of the strings, sometimes followed by another, with up to three changes. */
export function mutated(sources: readonly string[], random: Random): string {
  let text = random.pick(sources) + (random.chance(0.2) ? random.pick(sources) : '');
  for (let left = random.below(4); left > 0; left -= 1) text = random.pick(Object.values(MUTATIONS))(text, random);
  return text;
}
