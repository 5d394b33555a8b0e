import { settings } from '../../contract/setting.ts';
import { blockedWords, namespaces, riskLevel } from '../../values/annotation-policy.ts';
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
        'must be `Critical`, too. With false, the paths of an Ingress with such an annotation answer 503, because ' +
        'without the snippet they might be unprotected. This key does not affect the snippets of the ConfigMap.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'snippet-namespaces': {
      parser: namespaces,
      fallback: [],
      // No namespace has an empty name, so no namespace may use snippets.
      closed: [''],
      closesAtOnce: true,
      emptyCloses: 'no namespace may have snippets; remove the key to allow them in all namespaces',
      holds: 'paths of Ingresses with snippets answer 503',
      guards: true,
      about:
        'Comma-separated namespaces whose Ingresses may have annotations that end in `-snippet`, if ' +
        '`allow-snippet-annotations` and `annotations-risk-level` allow such annotations. In every other namespace, ' +
        'the paths of an Ingress with such an annotation answer 503. If the key is absent, all namespaces may have ' +
        'them; if it is empty, none may. An invalid item allows no namespace; the other items apply.',
      good: ['shop', 'shop,blog'],
      bad: ['Shop', '*', ','],
    },
    'annotations-risk-level': {
      parser: riskLevel,
      fallback: 'High',
      closed: 'Low',
      holds: 'paths of Ingresses with an annotation whose risk is above `Low` answer 503',
      guards: true,
      about:
        'Highest risk of annotations that are accepted; docs/annotations.md lists the risk of each annotation. The ' +
        'paths of an Ingress with an annotation of a higher risk answer 503, and a canary with such an annotation ' +
        'gets no requests.',
      good: ['Critical', 'High', 'Medium', 'low'],
      bad: ['None', '3'],
    },
    'annotation-value-word-blocklist': {
      parser: blockedWords,
      fallback: [],
      // The empty string is part of every value, so every annotation is blocked.
      closed: [''],
      holds: 'paths of every Ingress with annotations answer 503',
      guards: true,
      about:
        'Comma-separated words that no annotation value may contain, not even as part of another word. The paths ' +
        'of an Ingress with such a value answer 503, and a canary with such a value gets no requests.',
      good: ['load_module,lua_package,_by_lua', 'root'],
      bad: [','],
    },
  },
});
