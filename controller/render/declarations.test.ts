/** nginx.conf contains each declaration once, for as long as a block refers to it. */
import { expect, it } from 'vitest';
import { integer, literal, parameter, variable, word } from '../types/conf-value.ts';
import { type Declaration, declaration } from '../types/declaration.ts';
import { finish } from '../types/steps.ts';
import { createDeclare } from './declarations.ts';
import { Fragment } from './engine.ts';

function zone(name: string): Declaration {
  return declaration({
    name: 'limit_req_zone',
    args: [variable('tidegate_limit_key'), parameter('zone', word(`${name}:16m`)), parameter('rate', word('5r/s'))],
  });
}

function geo(name: string, ...networks: readonly string[]): Declaration {
  const entries = [[word('default'), integer(0)], ...networks.map((network) => [literal(network), integer(1)])];
  return declaration({ name: 'geo', args: [variable(name)], entries });
}

function textOf(...lists: readonly (readonly Declaration[])[]): string {
  const { text } = finish(createDeclare()(lists));
  return text === null ? '' : text.text;
}

it('writes declarations as directives and blocks', () => {
  expect(textOf([zone('one')], [geo('tidegate_exempt', '10.0.0.0/8', '2001:db8::/32')])).toBe(
    `    geo $tidegate_exempt {
        default 0;
        "10.0.0.0/8" 1;
        "2001:db8::/32" 1;
    }
    limit_req_zone $tidegate_limit_key zone=one:16m rate=5r/s;`,
  );
});

it('writes each declaration once, in an order that does not depend on the blocks that refer to it', () => {
  const lists = [[zone('one'), zone('two')], [zone('three')], [zone('one')]];
  expect(textOf(...lists)).toBe(textOf(...lists.toReversed()));
  expect(textOf(...lists).match(/zone=one:/g)).toHaveLength(1);
});

it('writes nothing without declarations', () => {
  expect(finish(createDeclare()([[], []]))).toEqual({ text: null, digest: '' });
});

it('returns the same object for equal declarations, and another object after a change', () => {
  const declare = createDeclare();
  const first = finish(declare([[zone('one')], []]));
  expect(finish(declare([[zone('one')], []]))).toBe(first);
  const more = finish(declare([[zone('one')], [zone('two')]]));
  expect(more.text).toBeInstanceOf(Fragment);
  expect(more.digest).not.toBe(first.digest);
  expect(finish(declare([[], [zone('one')]])).digest).toBe(first.digest);
});

it('distinguishes declarations that differ in one word', () => {
  expect(geo('a', '10.0.0.0/8').key).not.toBe(geo('a', '10.0.0.0/9').key);
  expect(geo('a', '10.0.0.0/8').key).not.toBe(geo('b', '10.0.0.0/8').key);
});

it('accepts only variable names and parameter values that are one word', () => {
  for (const name of ['', 'A', 'a-b', 'a b', '$a', 'a;']) expect(() => variable(name)).toThrow(TypeError);
  expect(() => parameter('zone', literal('a b'))).toThrow(TypeError);
  expect(() => parameter('zone ', word('a'))).toThrow(TypeError);
});
