import { settings } from '../../contract/setting.ts';
import { bool, wholeNumber } from '../../values/scalars.ts';

export default settings({
  chapter: 'TLS',
  keys: {
    hsts: {
      parser: bool,
      fallback: true,
      guards: true,
      about: "Responses over TLS have the header Strict-Transport-Security, which replaces the backend's.",
      good: ['true', 'false'],
      bad: ['on'],
    },
    'hsts-max-age': {
      parser: wholeNumber(0, 2 ** 31, 'whole seconds'),
      fallback: 31_536_000,
      guards: true,
      about: 'The `max-age` of Strict-Transport-Security, in seconds.',
      good: ['15724800', '0'],
      bad: ['1y', '-5'],
    },
    'hsts-include-subdomains': {
      parser: bool,
      fallback: true,
      guards: true,
      about: 'Strict-Transport-Security contains `includeSubDomains`.',
      good: ['true', 'false'],
      bad: ['on'],
    },
    'hsts-preload': {
      parser: bool,
      fallback: false,
      about: 'Strict-Transport-Security contains `preload`.',
      good: ['true', 'false'],
      bad: ['on'],
    },
  },
});
