/** Figures and ratios as rows of text: for the terminal, and for docs/performance.md. */
import type { Figure, Ratio } from './result.ts';

/** Three significant digits; whole numbers from a hundred on, with commas. */
export function digits(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 0.1 ? 2 : 3);
}

/** A column for every name in any of the figures, in order of appearance. */
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

/** Ratios near one need two decimals. */
function ratioText(value: number): string {
  return Number.isFinite(value) && Math.abs(value) < 100 ? value.toFixed(2) : digits(value);
}

/** Columns side by side, the first one left-aligned and figures right-aligned. */
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

/** The columns as a Markdown table. */
export function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
