import { expect, test } from 'vitest';
import { literal, noVariables, variable } from '../types/conf-value.ts';
import { withChanges } from '../types/upstream-headers.ts';
import { setHeaders } from './upstream-headers.ts';

const LIST = [
  { name: 'Upgrade', value: variable('tidegate_upgrade'), proxyOnly: true as const },
  { name: 'Host', value: variable('tidegate_upstream_host') },
  { name: 'Proxy', value: literal('') },
];

function written(module: 'proxy' | 'grpc', changes: Parameters<typeof withChanges>[1]): string[] {
  return setHeaders(module, withChanges(LIST, changes)).map(
    ({ directive, name, value }) => `${directive.conf} ${name.conf} ${value.conf}`,
  );
}

test('a location repeats the whole list of headers, with changes in place and new headers at the end', () => {
  expect(
    written('proxy', [
      ['host', noVariables('in$ide')],
      ['Upgrade', 'removed'],
      ['X-Team', noVariables('blue')],
      ['Cookie', 'removed'],
    ]),
  ).toEqual([
    'proxy_set_header Upgrade ""',
    'proxy_set_header Host "in${literal_dollar}ide"',
    'proxy_set_header Proxy ""',
    'proxy_set_header X-Team "blue"',
    'proxy_set_header Cookie ""',
  ]);
});

test('a header that is marked as proxyOnly is not sent to gRPC backends', () => {
  expect(written('grpc', [])).toEqual(['grpc_set_header Host $tidegate_upstream_host', 'grpc_set_header Proxy ""']);
});

test('a change to a header with an invalid name is rejected', () => {
  expect(() => written('proxy', [['X Team', noVariables('blue')]])).toThrow('not a name of a header');
});
