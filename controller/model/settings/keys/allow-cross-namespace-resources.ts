import { settings } from '../../contract/setting.ts';
import { bool } from '../../values/scalars.ts';

export default settings({
  chapter: 'Access',
  keys: {
    'allow-cross-namespace-resources': {
      parser: bool,
      fallback: false,
      closed: false,
      closesAtOnce: true,
      holds: 'paths that need a Secret or ConfigMap of another namespace answer 503 unless its owner allows its use',
      guards: true,
      about:
        'Annotations may name Secrets and ConfigMaps of other namespaces. Anybody who may create an Ingress can then ' +
        'use every Secret and ConfigMap that the controller can read. With false, the paths of an Ingress that names ' +
        "an object of another namespace answer 503, unless the object's owner allows its use with the annotation " +
        '`tidegate.dev/allow-from` (docs/tenants.md).',
      good: ['true', 'false'],
      bad: ['yes'],
    },
  },
});
