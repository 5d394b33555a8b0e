import { expect, it } from 'vitest';
import { logOutcome } from './outcome-log.ts';
import { memoryLog } from './testing/memory-log.ts';

const UNUSED = ['Service shop/web changes nothing for NGINX'];

it('a change without an effect on NGINX is logged at the given level: info, or debug in a cluster', () => {
  const log = memoryLog();
  logOutcome(log, { kind: 'none' }, UNUSED);
  logOutcome(log, { kind: 'none' }, UNUSED, undefined, 'debug');
  expect(log.lines).toEqual([`info: none: ${UNUSED[0]}`, `debug: none: ${UNUSED[0]}`]);
});

it('an outcome that affects NGINX is logged at info, whatever the level for changes without an effect', () => {
  const log = memoryLog();
  logOutcome(log, { kind: 'live', set: 1, removed: 0, revision: 7, ms: 1 }, ['route of shop/web /'], 2, 'debug');
  expect(log.lines).toEqual([
    'info: live: route of shop/web / (1 set, 0 removed, revision 7, 1.0 ms, 2.0 ms after the change)',
  ]);
});
