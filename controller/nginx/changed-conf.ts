/**
 * A conf for `nginx -t` without the server blocks that NGINX already runs with, because the time of a test grows with
 * the number of blocks.
 */
import type { ConfBlock, ConfParts } from '../types/artifact.ts';
import { countLines } from '../types/count-lines.ts';

export interface ChangedConf {
  readonly text: string;
  /** The line of the whole conf that is this line here; both are counted from 1. Undefined outside server blocks. */
  readonly wholeLine: (line: number) => number | undefined;
}

/** A longer conf takes about as long as the whole one. */
const MOST_OF_BLOCKS = 0.5;

interface Piece {
  readonly block: ConfBlock;
  /** The number of lines of other blocks before it that are left out. */
  readonly leftOut: number;
}

/**
 * The conf with only the default server and the blocks that `running` does not contain. Undefined if more than blocks
 * has changed, or most blocks have.
 */
export function changedConf(conf: ConfParts, running: ConfParts): ChangedConf | undefined {
  if (conf.around.some((text, index) => text !== running.around[index])) return undefined;
  const pieces: Piece[] = [];
  let [all, leftOut] = [0, 0];
  const known = knownBlocks(conf, running);
  for (const run of conf.runs) {
    for (const block of run.blocks) {
      all += 1;
      if (!block.isDefault && known(run, block)) leftOut += block.lines;
      else pieces.push({ block, leftOut });
    }
  }
  if (pieces.length > all * MOST_OF_BLOCKS) return undefined;
  const blocks = pieces.map(({ block }) => block);
  const { before, after } = conf.textAround(blocks);
  return {
    text: [before, ...blocks.map(({ text }) => text), after].join(''),
    wholeLine: (line) => {
      const [own, whole] = [countLines(before), countLines(conf.before)];
      return line <= own ? undefined : lineAmong(pieces, line - own, whole);
    },
  };
}

type Run = ConfParts['runs'][number];

/** Looks at the blocks only of those runs that have changed. */
function knownBlocks(conf: ConfParts, running: ConfParts): (run: Run, block: ConfBlock) => boolean {
  const [now, before] = [new Set(conf.runs), new Set(running.runs)];
  const blocks = new Set(running.runs.filter((run) => !now.has(run)).flatMap((run) => run.blocks));
  return (run, block) => before.has(run) || blocks.has(block);
}

/** `at` counts the lines of the pieces from 1; `before`: the number of lines before the blocks of the whole conf. */
function lineAmong(pieces: readonly Piece[], at: number, before: number): number | undefined {
  let end = 0;
  for (const { block, leftOut } of pieces) {
    end += block.lines;
    if (at <= end) return before + leftOut + at;
  }
  return undefined;
}
