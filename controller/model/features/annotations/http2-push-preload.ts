import { annotations } from '../annotation.ts';
import { bool } from '../../values/scalars.ts';

export default annotations({
  group: 'Protocols',
  keys: {
    'http2-push-preload': {
      parser: bool,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: true,
      about:
        'Server push of HTTP/2, which NGINX has had no more since 1.25.1. Browsers act on `Link: …; rel=preload` themselves.',
      good: ['true', 'false'],
      bad: ['on', 'yes'],
      verdict: {
        kind: 'no-effect',
        why: 'NGINX and browsers have given up server push; a Link header with rel=preload works without it',
        idle: [false],
      },
    },
  },
});
