import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LiveDelta } from '../types/live.ts';
import { createLedger } from './ledger.ts';

const NONE = new Map<string, string>();

function held(entries: Readonly<Record<string, string>>) {
  const ledger = createLedger();
  ledger.reset(new Map(Object.entries(entries)));
  return ledger;
}

test('a key counts as told once NGINX took it, and is not sent twice meanwhile', () => {
  const ledger = held({ 'b:x': '1' });
  ledger.aim(new Map([['b:x', '2']]));
  const due = ledger.due(NONE, true);
  expect(due).toEqual({ set: [['b:x', '2']], remove: [] });
  const call = ledger.ask(due);
  expect(ledger.due(NONE, true).set).toEqual([]);
  ledger.answer(due, call, true);
  expect(ledger.due(NONE, true)).toEqual({ set: [], remove: [] });
});

test('a value that goes there and back is sent back', () => {
  const ledger = held({ 'b:x': '1' });
  const there: LiveDelta = { set: ledger.untold([['b:x', '2']]), remove: [] };
  ledger.ask(there);
  expect(ledger.untold([['b:x', '1']])).toEqual([['b:x', '1']]);
});

test('what was refused is offered again when it changes, or when that is asked for', () => {
  const ledger = held({});
  ledger.aim(new Map([['b:x', 'bad']]));
  const due = ledger.due(NONE, true);
  ledger.answer(due, ledger.ask(due), false);
  expect(ledger.due(NONE, true).set).toEqual([]);
  expect(ledger.troubled()).toBe(true);
  expect(ledger.untold([['b:x', 'good']])).toEqual([['b:x', 'good']]);
  ledger.forgive();
  expect(ledger.due(NONE, true).set).toEqual([['b:x', 'bad']]);
});

test('after a failure nobody knows what NGINX holds, so the old value is sent as well', () => {
  const ledger = held({ 'b:x': '1' });
  const delta: LiveDelta = { set: [['b:x', '2']], remove: [] };
  ledger.answer(delta, ledger.ask(delta), false);
  expect(ledger.due(NONE, true).set).toEqual([['b:x', '1']]);
});

test('an answer to an older call does not undo a newer one', () => {
  const ledger = held({ 'b:x': '0' });
  const [one, two]: [LiveDelta, LiveDelta] = [
    { set: [['b:x', '1']], remove: [] },
    { set: [['b:x', '2']], remove: [] },
  ];
  const [first, second] = [ledger.ask(one), ledger.ask(two)];
  ledger.answer(two, second, true);
  ledger.answer(one, first, true);
  expect(ledger.untold([['b:x', '2']])).toEqual([]);
  expect(ledger.untold([['b:x', '1']])).toEqual([['b:x', '1']]);
});

test('removals wait until they are asked for', () => {
  const ledger = held({ 'r:x': '1' });
  ledger.aim(new Map());
  expect(ledger.due(NONE, false)).toEqual({ set: [], remove: [] });
  expect(ledger.due(NONE, true)).toEqual({ set: [], remove: ['r:x'] });
});

test('a start that took over the document leaves what is newer to be sent', () => {
  const ledger = held({});
  ledger.aim(new Map([['b:x', '1']]));
  const under: LiveDelta = { set: [['b:x', '2']], remove: [] };
  const call = ledger.ask(under);
  ledger.reset(new Map([['b:x', '1']]));
  expect(ledger.untold([['b:x', '2']])).toEqual([]);
  ledger.answer(under, call, true);
  expect(ledger.untold([['b:x', '1']])).toEqual([['b:x', '1']]);
});

const key = fc.constantFrom('b:x', 'b:y', 'r:z');
const step = fc.oneof(
  fc.record({ do: fc.constant('aim' as const), document: fc.dictionary(key, fc.constantFrom('1', '2', '3')) }),
  fc.record({ do: fc.constant('newer' as const), key, text: fc.constantFrom('1', '2', '3') }),
  fc.record({ do: fc.constant('answer' as const), taken: fc.boolean() }),
);

test('whatever happens, NGINX ends up with the document once it takes what it is told', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const ledger = createLedger();
      const nginx = new Map<string, string>();
      let document = new Map<string, string>();
      const queue: { delta: LiveDelta; call: number }[] = [];
      const send = (delta: LiveDelta): void => void queue.push({ delta, call: ledger.ask(delta) });
      const answer = (taken: boolean): void => {
        const next = queue.shift();
        if (next === undefined) return;
        // Refused means that nobody knows; here half of it got in.
        for (const [name, text] of next.delta.set.slice(0, taken ? undefined : 1)) nginx.set(name, text);
        if (taken) for (const name of next.delta.remove) nginx.delete(name);
        ledger.answer(next.delta, next.call, taken);
      };
      for (const each of steps) {
        if (each.do === 'answer') answer(each.taken);
        else if (each.do === 'newer') send({ set: ledger.untold([[each.key, each.text]]), remove: [] });
        else {
          document = new Map(Object.entries(each.document));
          ledger.aim(document);
          send(ledger.due(NONE, true));
        }
      }
      while (queue.length > 0) answer(true);
      ledger.forgive();
      send(ledger.due(NONE, true));
      answer(true);
      expect(nginx).toEqual(document);
    }),
  );
});
