/** Tables without borders, whose columns fit the width of the screen. */
import { stripVTControlCharacters } from 'node:util';
import { table } from 'table';
import { printable } from '../../types/printable.ts';
import type { Screen, Tone } from './screen.ts';

export interface Column<T> {
  readonly title: string;
  readonly text: (item: T) => string;
  readonly tone?: (item: T) => Tone | undefined;
}

const GAP = 2;
/** A column is not made narrower than this. */
const LEAST = 8;

/** The table as lines, with a line of titles; empty if there are no items. */
export function tableText<T>(items: readonly T[], columns: readonly Column<T>[], screen: Screen): string {
  if (items.length === 0) return '';
  const rows = items.map((item) => columns.map(({ text }) => printable(text(item))));
  const titles = columns.map(({ title }) => title);
  const natural = titles.map((title, at) =>
    rows.reduce((most, row) => Math.max(most, columnsOf(row[at] ?? '')), title.length),
  );
  const widths = screen.width === undefined ? natural : fitted(natural, screen.width);
  const tonesOf = (item: T) => columns.map(({ tone }) => tone?.(item));
  const lines = [
    rowText(
      titles,
      titles.map(() => 'dim' as const),
      widths,
      screen,
    ),
  ];
  for (const [at, item] of items.entries()) lines.push(rowText(rows[at] ?? [], tonesOf(item), widths, screen));
  return lines.join('\n');
}

/**
 * One row, on several lines if a cell has to be wrapped. Rows that need no wrapping are formatted without the package
 * `table`, which takes almost half a millisecond for each; a cluster may have 30,000 routes.
 */
function rowText(
  cells: readonly string[],
  tones: readonly (Tone | undefined)[],
  widths: readonly number[],
  { tone }: Screen,
): string {
  const toned = cells.map((cell, at) => {
    const chosen = tones[at];
    return chosen === undefined || cell === '' ? cell : tone(chosen, cell);
  });
  if (cells.every((cell, at) => ASCII.test(cell) && cell.length <= (widths[at] ?? 0)))
    return toned
      .map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) + GAP - (cells[at] ?? '').length))
      .join('')
      .trimEnd();
  return wrapped(toned, widths);
}

const ASCII = /^[\u0020-\u007e]*$/;

function wrapped(cells: readonly string[], widths: readonly number[]): string {
  const drawn = table([[...cells]], {
    columns: widths.map((width) => ({ width, wrapWord: true })),
    columnDefault: { paddingLeft: 0, paddingRight: GAP },
    drawHorizontalLine: () => false,
    drawVerticalLine: () => false,
  });
  return drawn
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => stripVTControlCharacters(line).trim() !== '')
    .join('\n');
}

/** The maximum number of columns that a string takes: a character beyond ASCII may take two. */
function columnsOf(text: string): number {
  return text.length + (text.match(/[^\u0000-\u007f]/g)?.length ?? 0);
}

/** Widths that fit: the widest columns are narrowed first, all to the same width. */
function fitted(natural: readonly number[], total: number): readonly number[] {
  const room = total - GAP * natural.length;
  let most = Math.max(...natural);
  const sum = (limit: number) => natural.reduce((all, width) => all + Math.min(width, limit), 0);
  while (most > LEAST && sum(most) > room) most -= 1;
  return natural.map((width) => Math.min(width, most));
}
