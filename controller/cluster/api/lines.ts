/** Bytes of a watch → lines of text. Pure. */

/** Longer than any object the API server stores (1.5 MB), also when escaped. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

export interface LineSplitter {
  /** Complete lines, without empty ones; undefined once a line is longer than any event. */
  push(chunk: Uint8Array): readonly string[] | undefined;
}

export function createLineSplitter(): LineSplitter {
  const decoder = new TextDecoder();
  let rest = '';
  return {
    push(chunk) {
      const pieces = decoder.decode(chunk, { stream: true }).split('\n');
      pieces[0] = rest + (pieces[0] ?? '');
      rest = pieces.pop() ?? '';
      if (rest.length > MOST_CHARACTERS) return undefined;
      return pieces.filter((line) => line.trim() !== '');
    },
  };
}
