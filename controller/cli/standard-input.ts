/** Reads manifests from standard input, for which `-` stands among the paths. */
import { buffer } from 'node:stream/consumers';

const STDIN = '-';
/** The name of standard input in places and messages. */
const NAME = 'stdin';

/** The content of standard input by its name in places; empty if no path stands for it. */
export async function readStandardInput(paths: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  return new Map(paths.includes(STDIN) ? [[NAME, await buffer(process.stdin)]] : []);
}

export function isStandardInput(path: string): boolean {
  return path === STDIN;
}

export function filesAmong(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => path !== STDIN);
}

/** How messages name a path. */
export function shownPath(path: string): string {
  return path === STDIN ? NAME : path;
}
