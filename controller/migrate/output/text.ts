/** The report as text for a terminal. */
import { printable } from '../../types/printable.ts';
import type { MigrationReport } from '../report.ts';
import { type Block, type IngressBlock, type ReportEntry, VERDICT_WORDS } from './block.ts';
import { reportBlocks } from './blocks.ts';

const WIDTH = 110;

/** Lines of at most WIDTH characters, if the words allow that. */
function wrapped(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of printable(text).split(' ')) {
    if (line.length > indent.length && line.length + word.length >= WIDTH) {
      lines.push(line);
      line = indent;
    }
    line += line.length > indent.length ? ` ${word}` : word;
  }
  return [...lines, line];
}

function entryLines({ title, value, verdict, place, sentences }: ReportEntry, indent: string): readonly string[] {
  const first = [
    verdict === undefined ? '' : `[${VERDICT_WORDS[verdict]}] `,
    title,
    value === undefined ? '' : ` = ${value}`,
    place === undefined ? '' : ` (${place})`,
  ];
  return [`${indent}${printable(first.join(''))}`, ...sentences.flatMap((text) => wrapped(text, `${indent}    `))];
}

function ingressLines({ title, verdict, place, entries, same }: IngressBlock): readonly string[] {
  const others = same.length === 0 ? [] : wrapped(`[same] ${same.join(', ')}`, '    ');
  return [
    ...entryLines({ title, verdict, ...(place !== undefined && { place }), sentences: [] }, '  '),
    ...entries.flatMap((entry) => entryLines(entry, '    ')),
    ...others,
  ];
}

function tableLines(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [head, ...rows].map((row) => row.map(printable));
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  return all.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd());
}

function blockLines(block: Block): readonly string[] {
  switch (block.kind) {
    case 'title':
      return [printable(block.text), ''];
    case 'heading':
      return ['', printable(block.text)];
    case 'paragraph':
      return wrapped(block.text, '');
    case 'table':
      return tableLines(block.head, block.rows);
    case 'entries':
      return block.entries.flatMap((entry) => entryLines(entry, '  '));
    case 'ingress':
      return ingressLines(block);
  }
}

export function textReport(report: MigrationReport): string {
  return `${reportBlocks(report).flatMap(blockLines).join('\n')}\n`;
}
