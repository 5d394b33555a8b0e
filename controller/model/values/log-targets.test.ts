import { expect, it } from 'vitest';
import { accessLogTarget, syslogHost, targetValue } from './log-targets.ts';

// Numbers that programs such as inet_aton read as IPv4 addresses, and that NGINX would resolve as names.
it.each(['0x10d', '0x7f.1', '0177.0.0.1', '10.1', '2130706433', '0x7f000001', '1.2.3.256'])(
  'the number %s is not the host of a syslog server',
  (host) => {
    expect(syslogHost.parse(host)).toMatchObject({ ok: false });
    expect(accessLogTarget.parse(`syslog:server=${host}:514`)).toMatchObject({ ok: false });
  },
);

it.each([
  ['192.0.2.1', 'syslog:server=192.0.2.1:514'],
  ['[2001:db8::1]', 'syslog:server=[2001:db8::1]:514'],
])('the address %s is the host of a syslog server', (host, expected) => {
  const parsed = syslogHost.parse(host);
  expect(parsed.ok).toBe(true);
  const syslog = { host: parsed.ok ? parsed.value : '', port: 514, options: [] };
  expect(targetValue({ syslog }, new Map())?.conf).toBe(expected);
});
