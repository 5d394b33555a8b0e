/** Prints the paths of the repository's shell scripts: files whose first line is a shebang of sh or bash. */
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
