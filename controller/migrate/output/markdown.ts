/** The report as Markdown (GitHub's dialect). */
import { printable } from '../../types/printable.ts';
import type { MigrationReport } from '../report.ts';
import { type Block, type IngressBlock, type ReportEntry, VERDICT_WORDS } from './block.ts';
import { reportBlocks } from './blocks.ts';

/** Text of others: no character of it may be markup. */
function plain(text: string): string {
  return printable(text).replaceAll(/[\\`*_{}[\]<>()#+|~&!-]/g, String.raw`\$&`);
}

/** A sentence of the report, in which backticks mark names and everything else is text. */
function sentence(text: string): string {
  const parts = printable(text).split('`');
  // An odd number of backticks is text of others.
  if (parts.length % 2 === 0) return plain(text);
  return parts
    .map((part, at) => (at % 2 === 1 ? code(part) : part.replaceAll(/[\\*_[\]<>|~&]/g, String.raw`\$&`)))
    .join('');
}

function code(text: string): string {
  const shown = printable(text);
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const pad = shown.startsWith('`') || shown.endsWith('`') || shown === '' ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

function entryLines({ title, value, verdict, place, sentences }: ReportEntry): readonly string[] {
  const first = [
    verdict === undefined ? '' : `**${VERDICT_WORDS[verdict]}** `,
    plain(title),
    value === undefined ? '' : ` = ${code(value)}`,
    place === undefined ? '' : ` (${code(place)})`,
  ];
  return [`- ${first.join('')}`, ...sentences.map((text) => `  - ${sentence(text)}`)];
}

function ingressLines({ title, verdict, place, entries, same }: IngressBlock): readonly string[] {
  const where = place === undefined ? '' : ` (${code(place)})`;
  return [
    '',
    `### ${plain(title)}: ${VERDICT_WORDS[verdict]}${where}`,
    '',
    ...entries.flatMap(entryLines),
    ...(same.length === 0 ? [] : [`- **same** ${same.map(code).join(', ')}`]),
  ];
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(plain).join(' | ')} |`;
}

function lines(block: Block): readonly string[] {
  switch (block.kind) {
    case 'title':
      return [`# ${plain(block.text)}`, ''];
    case 'heading':
      return ['', `## ${plain(block.text)}`, ''];
    case 'paragraph':
      return [sentence(block.text), ''];
    case 'table':
      return [row(block.head), `|${' --- |'.repeat(block.head.length)}`, ...block.rows.map(row)];
    case 'entries':
      return block.entries.flatMap(entryLines);
    case 'ingress':
      return ingressLines(block);
  }
}

export function markdownReport(report: MigrationReport): string {
  return `${reportBlocks(report).flatMap(lines).join('\n')}\n`;
}
