/** Prints the shell scripts of the repository, by their first line: `shell-scripts.ts`. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';

const SHELL = /^#!.*\b(?:ba)?sh$/;

function firstLine(file: string): string {
  const start = Buffer.alloc(80);
  const descriptor = openSync(file, 'r');
  const length = readSync(descriptor, start);
  closeSync(descriptor);
  return start.toString('latin1', 0, length).split('\n')[0] ?? '';
}

const files = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0');
console.log(files.filter((file) => file !== '' && SHELL.test(firstLine(file))).join('\n'));
