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
        'Annotations whose names end in `-snippet` are looked at; they are of risk critical, so that annotations-risk-level ' +
        'has to be `Critical` too. While they are not allowed, the paths of an Ingress that has one answer 503: what a ' +
        'snippet would have guarded is not served without it. The snippets of the ConfigMap are no annotations.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'annotations-risk-level': {
      parser: riskLevel,
      fallback: 'High',
      closed: 'Low',
      holds: 'paths of Ingresses with an annotation of another risk than low answer 503',
      guards: true,
      about:
        'Highest risk of an annotation that is accepted; docs/annotations.md names the risk of each. The paths of an Ingress ' +
        'with an annotation of a higher one answer 503, and a canary with one gets no requests.',
      good: ['Critical', 'High', 'Medium', 'low'],
      bad: ['None', '3'],
    },
    'annotation-value-word-blocklist': {
      parser: blockedWords,
      fallback: [],
      // Every value holds it.
      closed: [''],
      holds: 'paths of every Ingress with annotations answer 503',
      guards: true,
      about:
        'Words, separated by commas, that no value of an annotation may hold, not even as a part of another word. The paths ' +
        'of an Ingress with such a value answer 503, and a canary with one gets no requests.',
      good: ['load_module,lua_package,_by_lua', 'root'],
      bad: [','],
    },
  },
});
