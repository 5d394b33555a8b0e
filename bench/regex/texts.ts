/**
 * Generates strings on which a pattern may be slow: text that a loop of the pattern matches, repeated, followed by text
 * that does not match.
 */
import { has } from '../../controller/model/values/regex/byte-set.ts';
import { parse } from '../../controller/model/values/regex/parser.ts';
import { type RegexNode, within } from '../../controller/model/values/regex/syntax.ts';
import type { Text } from './pcre.ts';

const FINISHES = ['', '!', '\n', '\u0001', 'a', '/', '\n\n'];
const OFTEN = ['a', '/', '0', 'b', '/a', 'aa/', '\n', '.', 'ab'];
const PREFERRED = [...Buffer.from('a0/b1xz-_. A!\n')];

type Random = () => number;

/** Returns a byte of a set, as a string. */
function byteOf(set: Parameters<typeof has>[0], random: Random): string {
  const usual = PREFERRED.filter((byte) => has(set, byte));
  if (usual.length > 0 && random() < 0.9)
    return String.fromCharCode(usual[Math.floor(random() ** 2 * usual.length)] ?? 0);
  const all = Array.from({ length: 255 }, (_, at) => at + 1).filter((byte) => has(set, byte));
  return String.fromCharCode(all[Math.floor(random() * all.length)] ?? 97);
}

/** Returns a string that matches a node. */
function sample(node: RegexNode, random: Random): string {
  switch (node.kind) {
    case 'byte':
      return byteOf(node.set, random);
    case 'group':
      return sample(node.item, random);
    case 'sequence':
      return node.items.map((item) => sample(item, random)).join('');
    case 'branches':
      return sample(node.items[Math.floor(random() * node.items.length)] ?? { kind: 'nothing' }, random);
    case 'repeat': {
      const extra = node.most === node.least ? 0 : Math.floor(random() * 2);
      return sample(node.item, random).repeat(Math.min(node.least + extra, 60));
    }
    case 'nothing':
    case 'boundary':
    case 'start':
    case 'end':
    case 'look':
      return '';
  }
}

interface Loop {
  /** A string that leads to the loop. */
  readonly start: string;
  readonly item: RegexNode;
}

/** The loops within a node, each with a string that leads to the loop. */
function loopsOf(node: RegexNode, start: string, random: Random): readonly Loop[] {
  const own = node.kind === 'repeat' && node.most > 4 ? [{ start, item: node.item }] : [];
  let before = start;
  const inside: Loop[] = [];
  for (const item of within(node)) {
    inside.push(...loopsOf(item, before, random));
    if (node.kind === 'sequence') before += sample(item, random);
  }
  return [...own, ...inside];
}

function text(start: string, pump: string, finish: string, lines: boolean): Text {
  const code = (each: string) =>
    Buffer.from(lines ? each : each.replaceAll('\n', '\u0001'), 'latin1').toString('base64');
  return [code(start.slice(0, 2000)), code(pump === '' ? 'a' : pump), code(finish)];
}

/** Generates at most `most` strings for a pattern. With `lines`, the strings may contain line feeds. */
export function textsFor(pattern: string, most: number, random: Random, lines: boolean): readonly Text[] {
  const { tree } = parse(pattern);
  const finish = () => FINISHES[Math.floor(random() * FINISHES.length)] ?? '';
  const loops = loopsOf(tree, '', random);
  const texts: Text[] = [];
  for (let round = 0; texts.length < most && round < most; round += 1) {
    for (const { start, item } of loops.toSorted(() => random() - 0.5).slice(0, 3)) {
      const pump = sample(item, random);
      texts.push(text(start, random() < 0.5 ? pump : pump + sample(item, random), finish(), lines));
    }
    const whole = sample(tree, random);
    const often = OFTEN[Math.floor(random() * OFTEN.length)] ?? 'a';
    texts.push(text('', whole, finish(), lines), text(random() < 0.5 ? '/' : whole, often, finish(), lines));
  }
  return texts.slice(0, most);
}
