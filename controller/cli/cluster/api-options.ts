/** How the API server is reached, from the flags. */
import type { ParsedFlags } from '../flag-parser.ts';

export function apiOptions(flags: ParsedFlags) {
  const [kubeconfig, apiserverHost, certificateAuthority] = [
    'kubeconfig',
    'apiserver-host',
    'certificate-authority',
  ].map((name) => flags.text(name));
  return {
    ...(kubeconfig === undefined || kubeconfig === '' ? {} : { kubeconfig }),
    ...(apiserverHost === undefined || apiserverHost === '' ? {} : { apiserverHost }),
    ...(certificateAuthority === undefined || certificateAuthority === '' ? {} : { certificateAuthority }),
  };
}
