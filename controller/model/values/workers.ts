/** Parsers for the number of NGINX's worker processes, and for the processors on which they run. */
import { accept, type Parser, reject } from '../contract/parser.ts';
import { wholeNumber } from './scalars.ts';

const MOST = 512;
const count = wholeNumber(1, MOST);

export const workers: Parser<number | 'auto'> = {
  accepts: `auto or a whole number, 1 to ${MOST}`,
  parse: (raw) => (raw === 'auto' ? accept('auto') : count.parse(raw)),
};

/** Maximum length of a mask: Linux supports this number of processors in a set, and nginx refuses longer masks. */
const LONGEST_MASK = 1024;

/** The words of nginx's `worker_cpu_affinity`. */
export const affinity: Parser<readonly string[] | undefined> = {
  accepts: 'auto, optionally followed by a mask of 0 and 1; or such a mask for each worker',
  parse: (raw) => {
    const words = raw.split(/\s+/);
    const masks = words[0] === 'auto' ? words.slice(1) : words;
    if (words[0] === 'auto' && masks.length > 1) return reject('has more than one mask after auto');
    const bad = masks.find((mask) => !/^[01]+$/.test(mask) || mask.length > LONGEST_MASK);
    return bad === undefined ? accept(words) : reject('is not made of masks of 0 and 1');
  },
};
