/** Formats figures and ratios as rows of text, for the terminal and for docs/performance.md. */
import type { Figure, Ratio } from './result.ts';

/**
 * Formats a number with up to three significant digits. Numbers from a hundred on are rounded to whole numbers, with
 * commas.
 */
export function digits(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 0.1 ? 2 : 3);
}

/** Returns rows with a column for every name that occurs in a figure, in order of appearance. */
export function figureRows(figures: readonly Figure[]): string[][] {
  const columns = [...new Set(figures.flatMap(({ values }) => Object.keys(values)))];
  return [
    ['', ...columns],
    ...figures.map(({ subject, values }) => [subject, ...columns.map((column) => digits(values[column]))]),
  ];
}

export function ratioRows(ratios: readonly Ratio[]): string[][] {
  const aims = ratios.some(({ aim }) => aim !== undefined);
  return [
    ['ratio', 'value', ...(aims ? ['aim'] : [])],
    ...ratios.map(({ what, value, aim }) => [what, ratioText(value), ...(aims ? [aim ?? ''] : [])]),
  ];
}

/** Formats a ratio with two decimals, because many ratios are close to 1. */
function ratioText(value: number): string {
  return Number.isFinite(value) && Math.abs(value) < 100 ? value.toFixed(2) : digits(value);
}

/** Formats rows as text: the first column is left-aligned, and the other columns are right-aligned. */
export function plainTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Formats rows as a Markdown table. The first row contains the headings. */
export function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
