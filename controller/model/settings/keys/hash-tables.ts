import { integer } from '../../../types/conf-value.ts';
import { directive } from '../../../types/directive.ts';
import { settings } from '../../contract/setting.ts';
import { bucketSize, tableSize } from '../../values/hash-sizes.ts';

export default settings({
  chapter: 'Workers and tables',
  keys: {
    'server-name-hash-max-size': {
      parser: tableSize(1),
      fallback: 1024,
      about: 'Minimum size of the hash table of host names; the table grows with the number of names.',
      good: ['1024', '4096'],
      bad: ['0', '-1', 'auto'],
    },
    'server-name-hash-bucket-size': {
      parser: bucketSize(0),
      fallback: 0,
      about:
        'Minimum size, in bytes, of a bucket in the hash table of host names; buckets grow with the longest name. 0: ' +
        'the size depends only on the longest name.',
      good: ['0', '256'],
      bad: ['-1', '128k'],
    },
    'map-hash-bucket-size': {
      parser: bucketSize(128),
      fallback: 128,
      about:
        'Minimum size, in bytes, of a bucket in the hash tables of `map` blocks, including those in snippets; ' +
        'buckets grow with the longest item of `skip-access-log-urls`.',
      good: ['128', '512'],
      bad: ['64', '128k'],
    },
    'proxy-headers-hash-max-size': {
      parser: tableSize(1),
      fallback: 512,
      about: 'Size of the hash table of request headers for backends.',
      good: ['512', '1024'],
      bad: ['0', 'many'],
    },
    'proxy-headers-hash-bucket-size': {
      parser: bucketSize(64),
      fallback: 64,
      about: 'Size, in bytes, of a bucket in the hash table of request headers for backends.',
      good: ['64', '128'],
      bad: ['32', '64k'],
    },
    'variables-hash-max-size': {
      parser: tableSize(1024),
      fallback: 2048,
      about: 'Size of the hash table of variables.',
      good: ['2048', '4096'],
      bad: ['0', 'many'],
    },
    'variables-hash-bucket-size': {
      parser: bucketSize(256),
      fallback: 256,
      about: 'Size, in bytes, of a bucket in the hash table of variables.',
      good: ['256', '512'],
      bad: ['64', '256k'],
    },
  },
  contribute: (values) => ({
    http: [
      directive('proxy_headers_hash_max_size', integer(values['proxy-headers-hash-max-size'])),
      directive('proxy_headers_hash_bucket_size', integer(values['proxy-headers-hash-bucket-size'])),
      directive('variables_hash_max_size', integer(values['variables-hash-max-size'])),
      directive('variables_hash_bucket_size', integer(values['variables-hash-bucket-size'])),
    ],
  }),
});
