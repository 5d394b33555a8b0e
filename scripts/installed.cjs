'use strict';
// Does node_modules match package-lock.json? Exit code 0: yes. Runs under the Node that npm came with (18 and later).
const { existsSync, readFileSync } = require('fs');

const wanted = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
const present = JSON.parse(readFileSync('node_modules/.package-lock.json', 'utf8')).packages;

function complete(path) {
  const want = wanted[path];
  const have = present[path];
  if (have)
    return have.version === want.version && have.integrity === want.integrity && existsSync(path + '/package.json');
  // npm skips the native parts of other machines, and their dependencies.
  return want.optional === true && !isNativePartForThisMachine(want);
}

function isNativePartForThisMachine({ os, cpu, libc = 'glibc' }) {
  return includes(os, process.platform) && includes(cpu, process.arch) && includes(libc, 'glibc');
}

function includes(list, value) {
  return list !== undefined && [].concat(list).includes(value);
}

const incomplete = Object.keys(wanted).filter((path) => path !== '' && !complete(path));
if (incomplete.length > 0) console.error(`not as in package-lock.json: ${incomplete.join(' ')}`);
process.exitCode = incomplete.length > 0 ? 1 : 0;
