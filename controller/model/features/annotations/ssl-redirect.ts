import { annotations } from '../annotation.ts';
import { bool } from '../../values/scalars.ts';

const common = {
  parser: bool,
  onInvalid: 'ignored',
  scope: 'location',
  live: true,
  good: ['true', 'false'],
  bad: ['yes', 'on'],
} as const;

export default annotations({
  group: 'TLS redirects',
  keys: {
    'ssl-redirect': {
      ...common,
      setting: 'ssl-redirect',
      risk: 'low',
      about: 'Plain HTTP requests are redirected to HTTPS if the host has a certificate.',
    },
    'force-ssl-redirect': {
      ...common,
      setting: 'force-ssl-redirect',
      risk: 'medium',
      about: 'Plain HTTP requests are redirected to HTTPS even if the host has no certificate.',
    },
  },
  location: (values, { settings }) => ({
    tlsRedirect: {
      wanted: values['ssl-redirect'] ?? settings['ssl-redirect'],
      forced: values['force-ssl-redirect'] ?? settings['force-ssl-redirect'],
    },
  }),
});
