import { settings } from '../../contract/setting.ts';
import { blockedWords, riskLevel } from '../../values/annotation-policy.ts';
import { bool } from '../../values/scalars.ts';

export default settings({
  chapter: 'Snippets and validation',
  keys: {
    'allow-snippet-annotations': {
      parser: bool,
      fallback: false,
      closed: false,
      closesAtOnce: true,
      holds: 'paths of Ingresses with snippets answer 503',
      guards: true,
      about:
        'Annotations whose names end in `-snippet` are accepted; their risk is critical, so annotations-risk-level ' +
        'must be `Critical`, too. With false, the paths of an Ingress that has one answer 503, because they must ' +
        'not be served without what the snippet may protect. The snippets of the ConfigMap are not annotations.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'annotations-risk-level': {
      parser: riskLevel,
      fallback: 'High',
      closed: 'Low',
      holds: 'paths of Ingresses with an annotation whose risk is above low answer 503',
      guards: true,
      about:
        'Highest risk of an annotation that is accepted; docs/annotations.md lists the risk of each. The paths of ' +
        'an Ingress with an annotation of a higher risk answer 503, and a canary with one gets no requests.',
      good: ['Critical', 'High', 'Medium', 'low'],
      bad: ['None', '3'],
    },
    'annotation-value-word-blocklist': {
      parser: blockedWords,
      fallback: [],
      // Every value contains the empty string.
      closed: [''],
      holds: 'paths of every Ingress with annotations answer 503',
      guards: true,
      about:
        'Comma-separated words that no annotation value may contain, not even as part of another word. The paths ' +
        'of an Ingress with such a value answer 503, and a canary with one gets no requests.',
      good: ['load_module,lua_package,_by_lua', 'root'],
      bad: [','],
    },
  },
});
