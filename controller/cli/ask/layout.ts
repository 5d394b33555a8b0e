/** Tables without borders, whose columns fit the width of the screen. */
import { stripVTControlCharacters } from 'node:util';
import { table } from 'table';
import { printable } from '../../types/printable.ts';
import type { Screen, Tone } from './screen.ts';

export interface Column<T> {
  readonly title: string;
  readonly text: (item: T) => string;
  /**
   * Set if the column contains sentences. Where the column would become narrow, the sentences get lines of their own.
   */
  readonly sentences?: true;
  readonly tone?: (item: T) => Tone | undefined;
}

const GAP = 2;
/** A column is not made narrower than this. */
const LEAST = 8;
/** A column of sentences that would be narrower than this becomes lines below the row. */
const LEAST_OF_SENTENCES = 40;
/**
 * Without a terminal, a cell that is wider than this does not widen the cells of its column in other rows: one long
 * text would move everything after it out of sight.
 */
const WIDEST_PADDING = 48;
const INDENT = '    ';

/** The table as lines, with a line of titles; empty if there are no items. */
export function tableText<T>(items: readonly T[], columns: readonly Column<T>[], screen: Screen): string {
  return tableRows(items, columns, screen).join('\n');
}

/** The line of titles, then each row, which may have several lines. */
function tableRows<T>(items: readonly T[], columns: readonly Column<T>[], screen: Screen): readonly string[] {
  if (items.length === 0) return [];
  const rows = items.map((item) => columns.map(({ text }) => printable(text(item))));
  const titles = columns.map(({ title }) => title);
  const natural = titles.map((title, at) =>
    rows.reduce((most, row) => Math.max(most, columnsOf(row[at] ?? '')), title.length),
  );
  const widths = widthsFor(natural, screen.width);
  const narrow = columns.find(
    ({ sentences }, at) => sentences === true && (widths[at] ?? 0) < Math.min(LEAST_OF_SENTENCES, natural[at] ?? 0),
  );
  if (screen.width !== undefined && narrow !== undefined) {
    const width = screen.width - INDENT.length - GAP;
    const below = items.map((item) => indented(wrapped([printable(narrow.text(item))], [width])));
    const others = columns.filter((column) => column !== narrow);
    const [head = '', ...above] = tableRows(items, others, screen);
    return [head, ...above.map((row, at) => [row, ...(below[at] ?? [])].join('\n'))];
  }
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
  return lines;
}

function indented(text: string): readonly string[] {
  return text === '' ? [] : text.split('\n').map((line) => INDENT + line);
}

/**
 * One row, on several lines if a cell has to be wrapped. Rows that need no wrapping are formatted without the package
 * `table`, which takes almost half a millisecond for each row; a cluster may have 30,000 routes.
 */
function rowText(
  cells: readonly string[],
  tones: readonly (Tone | undefined)[],
  widths: readonly number[],
  { tone, width }: Screen,
): string {
  const toned = cells.map((cell, at) => {
    const chosen = tones[at];
    return chosen === undefined || cell === '' ? cell : tone(chosen, cell);
  });
  const room = (at: number) => (widths[at] ?? 0) - columnsOf(cells[at] ?? '');
  const fits = cells.every((cell, at) => ASCII.test(cell) && room(at) >= 0);
  if (width !== undefined && !fits) return wrapped(toned, widths);
  return toned
    .map((cell, at) => cell + ' '.repeat(Math.max(0, room(at)) + GAP))
    .join('')
    .trimEnd();
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

/** The maximum number of terminal columns that a string takes: a character beyond ASCII may take two. */
function columnsOf(text: string): number {
  return text.length + (text.match(/[^\u0000-\u007f]/g)?.length ?? 0);
}

/**
 * The widths of the columns. `natural`: the widths that their texts need; `total`: the width of the terminal, if there
 * is one.
 */
function widthsFor(natural: readonly number[], total: number | undefined): readonly number[] {
  if (total === undefined) return natural.map((width) => Math.min(width, WIDEST_PADDING));
  return fitted(natural, total);
}

/** Widths that fit: the widest columns are narrowed first, all to the same width. */
function fitted(natural: readonly number[], total: number): readonly number[] {
  const room = total - GAP * natural.length;
  let most = Math.max(...natural);
  const sum = (limit: number) => natural.reduce((all, width) => all + Math.min(width, limit), 0);
  while (most > LEAST && sum(most) > room) most -= 1;
  return natural.map((width) => Math.min(width, most));
}
