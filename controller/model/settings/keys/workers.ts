import { integer, seconds, word } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { settings } from '../../contract/setting.ts';
import { duration } from '../../values/durations.ts';
import { bool, wholeNumber } from '../../values/scalars.ts';
import { affinity, workers } from '../../values/workers.ts';
import { openFiles, workerConnections } from '../../values/worker-limits.ts';

export default settings({
  chapter: 'Workers and tables',
  keys: {
    'worker-processes': {
      parser: workers,
      fallback: 'auto',
      about: 'Number of worker processes of NGINX; `auto` is the number of processors that NGINX may use.',
      good: ['auto', '4'],
      bad: ['0', '-1', 'many'],
    },
    'worker-cpu-affinity': {
      parser: affinity,
      fallback: undefined,
      about: 'Processors to which each worker is bound, as bit masks; the last digit stands for the first processor.',
      good: ['auto', 'auto 0101', '0001 0010 0100 1000'],
      bad: ['0-3', '2', 'auto 01 10'],
    },
    'worker-shutdown-timeout': {
      parser: duration(1, 86_400),
      fallback: 240,
      written: '240s',
      about: 'How long old workers may continue after a reload to finish their requests.',
      good: ['240s', '10m', '1h'],
      bad: ['0', '2d', 'soon'],
    },
    'enable-multi-accept': {
      parser: bool,
      fallback: true,
      about: 'A worker accepts all waiting connections at once, not one at a time.',
      good: ['true', 'false'],
      bad: ['on'],
    },
    'max-worker-connections': {
      parser: wholeNumber(0, 1_048_576),
      fallback: 16_384,
      about:
        'Connections that a worker can have, including those to endpoints. 0: three quarters of the number of files ' +
        'that the worker can have open. Any other value must be at least 256, and at most that number of files.',
      good: ['16384', '0', '65536'],
      bad: ['-1', '16k', 'auto'],
    },
    'max-worker-open-files': {
      parser: wholeNumber(0, 1_048_576),
      fallback: 0,
      about: "Files and sockets that a worker can have open; 0 is 65536, or less if the machine's limit is lower.",
      good: ['0', '131072'],
      bad: ['-1', '64k'],
    },
    'enable-serial-reloads': {
      parser: bool,
      fallback: false,
      about: 'A reload waits until the workers of earlier configurations have exited.',
      good: ['true', 'false'],
      bad: ['on'],
      verdict: {
        kind: 'no-effect',
        why: 'a reload does not wait for old workers',
      },
    },
  },
  reconcile: (values, facts) => {
    const { most } = facts.openFiles;
    const wantedFiles = values['max-worker-open-files'];
    const tooMany = wantedFiles > most;
    const tooFew = wantedFiles !== 0 && wantedFiles < 1024;
    const limits = tooMany ? { ...values, 'max-worker-open-files': most } : values;
    const files = tooFew ? facts.openFiles.standard : openFiles(limits, facts.openFiles);
    const wanted = values['max-worker-connections'];
    // The default is not reported if it is more than the machine allows, because nobody asked for it.
    const explicit = wanted !== 0 && wanted !== 16_384;
    return {
      ...(tooMany && {
        'max-worker-open-files': { value: most, reason: `is above the hard limit of this machine; ${most} are used` },
      }),
      ...(tooFew && {
        'max-worker-open-files': {
          value: 0,
          reason: 'is below 1024 and ignored: a worker could serve hardly any requests',
        },
      }),
      ...(explicit &&
        wanted > files && {
          'max-worker-connections': {
            value: files,
            reason: `is more than the ${files} files that a worker can have open`,
          },
        }),
      ...(explicit &&
        wanted < 256 && {
          'max-worker-connections': {
            value: 256,
            reason: 'is below 256, so 256 is used: NGINX needs some connections for itself',
          },
        }),
    };
  },
  contribute: (values, facts) => {
    const wanted = values['worker-processes'];
    const masks = values['worker-cpu-affinity'];
    return {
      main: [
        directive('worker_processes', integer(wanted === 'auto' ? facts.processors : wanted)),
        ...(masks === undefined ? [] : [directive('worker_cpu_affinity', ...masks.map(word))]),
        directive('worker_rlimit_nofile', integer(openFiles(values, facts.openFiles))),
        directive('worker_shutdown_timeout', seconds(values['worker-shutdown-timeout'])),
      ],
      events: [
        directive('worker_connections', integer(workerConnections(values, facts.openFiles))),
        directive('multi_accept', word(values['enable-multi-accept'] ? 'on' : 'off')),
      ],
    };
  },
});
