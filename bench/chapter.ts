/** Generates docs/performance.md from results and hand-written sections. */
import type { Machine, Versions } from './machine.ts';
import type { Result } from './result.ts';
import { figureRows, markdownTable, ratioRows } from './table.ts';

/** One bench: its results, its hand-written text, or both. */
export interface Section {
  /** One result for each release of NGINX with which the bench was run. */
  readonly results: readonly Result[];
  /**
   * Hand-written text. With results, it follows their tables; without results, it is the whole section, including its
   * `## ` heading.
   */
  readonly prose?: string;
}

function machineText({ cpu, cores, memory, kernel }: Machine, { nginx, lua, openssl, node }: Versions): string {
  const software = `nginx ${nginx}, lua-nginx-module ${lua}, OpenSSL ${openssl}, Node ${node}`;
  return `Machine: ${cores} cores (${cpu}), ${memory} GiB, Linux ${kernel}; ${software}.`;
}

/** One line: the date, the sizes, and the load of the machine. */
function conditions({ date, machine, rounds, sizes }: Result): string {
  const counts = Object.entries(sizes).map(([what, value]) => `${what}: ${[value].flat().join(', ')}`);
  return `${date.slice(0, 10)}; repetitions (rounds or samples): ${rounds}; ${counts.join('; ')}; load average at the start: ${machine.load}.`;
}

function resultText(result: Result, machine: boolean): string[] {
  const { figures, ratios, notes = [] } = result;
  return [
    ...(machine ? [machineText(result.machine, result.versions)] : []),
    markdownTable(figureRows(figures)),
    ...(ratios.length > 0 ? [markdownTable(ratioRows(ratios))] : []),
    ...notes,
    conditions(result),
  ];
}

function sectionText({ results, prose }: Section, machine: boolean): string[] {
  const [newest] = results.toSorted((a, b) => (a.date < b.date ? 1 : -1));
  return [
    ...(newest === undefined ? [] : [`## ${newest.title}`, `\`npm run bench ${newest.name}\`: ${newest.about}`]),
    ...results.flatMap((result) => resultText(result, machine)),
    ...(prose === undefined ? [] : [prose.trim()]),
  ];
}

/**
 * Returns the page as Markdown, with the sections in the given order. If all results come from one machine, the machine
 * is named once, at the top.
 */
export function performanceChapter(sections: readonly Section[]): string {
  const results = sections.flatMap(({ results: some }) => some);
  const machines = new Set(results.map(({ machine, versions }) => machineText(machine, versions)));
  const each = machines.size > 1;
  const parts = [
    '# Performance',
    'This page contains the results of the benches; `npm run bench report` writes it from `bench/results`. Compare figures ' +
      'within one run, not figures of different days. [bench/README.md](../bench/README.md) explains how to run the benches.',
    ...(each ? [] : machines),
    ...sections.flatMap((section) => sectionText(section, each)),
  ];
  return `${parts.join('\n\n')}\n`;
}
