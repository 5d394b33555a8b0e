/**
 * Rows of numbers in large typed arrays: 86 numbers for a series with all histograms. WHY.md says why the request metrics
 * do not use prom-client.
 */
const ROWS_IN_BLOCK = 256;

export interface NumberRows {
  /** Returns the index of a new row of zeros. */
  readonly take: () => number;
  readonly free: (row: number) => void;
  readonly add: (row: number, numbers: Float64Array) => void;
  /** The numbers of a row: a view, which stays valid until the row is freed. */
  readonly view: (row: number) => Float64Array;
}

export function createNumberRows(width: number): NumberRows {
  const blocks: Float64Array[] = [];
  const unused: number[] = [];
  let next = 0;

  function view(row: number): Float64Array {
    const block = blocks[Math.floor(row / ROWS_IN_BLOCK)];
    if (block === undefined) throw new Error(`there is no row ${row}`);
    const start = (row % ROWS_IN_BLOCK) * width;
    return block.subarray(start, start + width);
  }

  return {
    take: () => {
      const row = unused.pop() ?? next++;
      if (row === blocks.length * ROWS_IN_BLOCK) blocks.push(new Float64Array(ROWS_IN_BLOCK * width));
      return row;
    },
    free: (row) => {
      view(row).fill(0);
      unused.push(row);
    },
    add: (row, numbers) => {
      const sums = view(row);
      for (let place = 0; place < width; place += 1) sums[place] = (sums[place] ?? 0) + (numbers[place] ?? 0);
    },
    view,
  };
}
