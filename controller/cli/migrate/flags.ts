/** Flags of `tidegate migrate`, besides those that every command has that builds a Plan. */
import { flag } from '../../types/flag.ts';

const MIGRATE = { commands: ['migrate'] } as const;

export const OUTPUTS = ['text', 'json', 'markdown', 'html', 'sarif'] as const;

export const MIGRATE_FLAGS = [
  flag(
    'kubeconfig',
    'text',
    '',
    'kubeconfig file of the cluster; without it, KUBECONFIG, ~/.kube/config, or the service account of this Pod',
    { ...MIGRATE, word: 'file' },
  ),
  flag('context', 'text', '', 'context of the kubeconfig; without it, the current one', { ...MIGRATE, word: 'name' }),
  flag(
    'old-controller',
    'object',
    '',
    'namespace/name of the Deployment or DaemonSet of ingress-nginx whose flags and ConfigMap apply; needed only if ' +
      'there are several. Flags given to this command take precedence over its flags',
    { ...MIGRATE, word: 'namespace/name' },
  ),
  flag(
    'write-values',
    'text',
    '',
    "write a values file for Tidegate's chart to this new file, from the old controller, its ConfigMaps and Services",
    { ...MIGRATE, word: 'file' },
  ),
  flag('output', 'choice', 'text', 'format of the report', {
    ...MIGRATE,
    letter: 'o',
    word: 'format',
    choices: OUTPUTS,
  }),
] as const;
