/** Hosts that somebody probably meant with an invalid text, for example `https://shop.example.com/`. */
import { domainToASCII } from 'node:url';
import { uniqueSorted } from './list.ts';
import type { HostPattern } from './host-patterns.ts';
import { isHostname } from './names.ts';

/** Separators of names, if names may have letters of any script; and if they may have those of DNS only. */
const SEPARATORS = [/[^\p{L}\p{M}\p{N}.-]+/u, /[^a-z0-9.-]+/];

/**
 * Patterns for each name in the text and for all names below it. They may match more than was meant, never less: they
 * are for closing hosts, not for giving them to somebody.
 */
export function likelyHosts(text: string): readonly HostPattern[] {
  const pieces = SEPARATORS.flatMap((separator) => text.toLowerCase().split(separator));
  const names = uniqueSorted(
    pieces.map((piece) => domainToASCII(piece.replace(/^[.-]+|[.-]+$/g, '').replace(/\.+/g, '.'))),
  );
  return names.filter(isHostname).flatMap((name) => [name, `**.${name}`]);
}
