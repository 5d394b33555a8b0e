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
      about: 'HTTP/2 server push, which NGINX removed in 1.25.1. Browsers act on `Link: …; rel=preload` themselves.',
      good: ['true', 'false'],
      bad: ['on', 'yes'],
      verdict: {
        kind: 'no-effect',
        why: 'NGINX and browsers have dropped server push; a Link header with rel=preload works without it',
        idle: [false],
      },
    },
  },
});
