import { integer } from '../../types/conf-value.ts';
import { directive } from '../../types/directive.ts';
import { settings } from '../setting.ts';
import { accept, type Parser } from '../parser.ts';
import { wholeNumber } from '../values/scalars.ts';

const MOST = 512;
const count = wholeNumber(1, MOST);

const workers: Parser<number | 'auto'> = {
  accepts: `auto or a whole number, 1 to ${MOST}`,
  parse: (raw) => (raw === 'auto' ? accept('auto') : count.parse(raw)),
};

export default settings({
  chapter: 'Workers and tables',
  keys: {
    'worker-processes': {
      parser: workers,
      fallback: 'auto',
      about: 'Worker processes of NGINX; auto is the number of processors it may use.',
      good: ['auto', '4'],
      bad: ['0', '-1', 'many'],
    },
  },
  contribute: (values, facts) => {
    const wanted = values['worker-processes'];
    return { main: [directive('worker_processes', integer(wanted === 'auto' ? facts.processors : wanted))] };
  },
});
