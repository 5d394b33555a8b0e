import { expect, test } from 'vitest';
import { performanceChapter } from './chapter.ts';
import type { Result } from './result.ts';

const RESULT: Result = {
  name: 'proxy',
  title: 'A proxied request',
  about: 'One worker.',
  machine: { cpu: 'A processor', cores: 2, memory: 24, kernel: '6.1', load: 0.5 },
  versions: { nginx: '1.22.1', lua: '0.10.23', openssl: '3.0', node: '24.0.0' },
  date: '2026-11-21T10:00:00.000Z',
  rounds: 5,
  sizes: { backends: [30, 5000], seconds: 2 },
  figures: [{ subject: 'ours', values: { 'p99 ms': 1.5 } }],
  ratios: [{ what: 'ours / plain', value: 1.2, aim: 'at most 1.10' }],
  notes: ['Something was left out.'],
};

test('docs/performance.md has a section for each bench, and names the machine once if all results come from it', () => {
  const chapter = performanceChapter([{ results: [RESULT] }, { results: [{ ...RESULT, title: 'Another' }] }]);
  expect(chapter.match(/^Machine: 2 cores \(A processor\), 24 GiB, Linux 6\.1; nginx 1\.22\.1, /gm)).toHaveLength(1);
  expect(chapter).toContain(`## A proxied request

\`npm run bench proxy\`: One worker.

|  | p99 ms |
| --- | ---: |
| ours | 1.50 |

| ratio | value | aim |
| --- | ---: | ---: |
| ours / plain | 1.20 | at most 1.10 |

Something was left out.

2026-11-21; repetitions (rounds or samples): 5; backends: 30, 5000; seconds: 2; load average at the start: 0.5.

## Another
`);
});

test('every section of docs/performance.md names its machine if the results come from two machines', () => {
  const other = { ...RESULT, machine: { ...RESULT.machine, cores: 8 } };
  const chapter = performanceChapter([{ results: [RESULT] }, { results: [other] }]);
  expect(chapter.match(/^Machine: \d/gm)).toEqual(['Machine: 2', 'Machine: 8']);
  // A machine with another load average is the same machine.
  const busier = { ...RESULT, machine: { ...RESULT.machine, load: 3 } };
  expect(performanceChapter([{ results: [RESULT] }, { results: [busier] }]).match(/^Machine: /gm)).toHaveLength(1);
});

test('docs/performance.md has one section for results of one bench with two releases of NGINX', () => {
  const newer = { ...RESULT, versions: { ...RESULT.versions, nginx: '1.26.3' } };
  const chapter = performanceChapter([{ results: [RESULT, newer] }]);
  expect(chapter.match(/^## /gm)).toHaveLength(1);
  expect(chapter.match(/nginx 1\.\d+\.\d+/g)).toEqual(['nginx 1.22.1', 'nginx 1.26.3']);
});

test('hand-written text follows the tables of its bench, or is the whole section if the bench has no results', () => {
  const chapter = performanceChapter([
    { results: [], prose: '## By hand\n\nWords.\n' },
    { results: [RESULT], prose: 'What it means.' },
    { results: [] },
  ]);
  expect(chapter).toMatch(/## By hand\n\nWords\.\n\n## A proxied request\n[^]*start: 0\.5\.\n\nWhat it means\.\n$/);
});
