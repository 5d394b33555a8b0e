import { annotations } from '../annotation.ts';
import { bool } from '../../values/scalars.ts';

export default annotations({
  group: 'TLS redirects',
  keys: {
    'preserve-trailing-slash': {
      parser: bool,
      setting: 'preserve-trailing-slash',
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'medium',
      live: true,
      about:
        'The redirect to HTTPS keeps a slash at the end of the path. Without this annotation, one slash is removed, ' +
        'as in ingress-nginx: `http://host/a/` leads to `https://host/a`.',
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
  },
  location: (values, { settings }) =>
    (values['preserve-trailing-slash'] ?? settings['preserve-trailing-slash']) ? { route: { keepSlash: true } } : {},
});
