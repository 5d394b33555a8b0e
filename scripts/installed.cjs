'use strict';
// Checks whether node_modules matches package-lock.json; exit code 0 if it does. Runs under the system's Node (18 or
// later), not under Node 24.
const { existsSync, readFileSync } = require('fs');

const wanted = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
const present = JSON.parse(readFileSync('node_modules/.package-lock.json', 'utf8')).packages;

function complete(path) {
  const want = wanted[path];
  const have = present[path];
  if (have)
    return have.version === want.version && have.integrity === want.integrity && existsSync(path + '/package.json');
  // npm does not install native packages for other platforms, nor the dependencies of such packages.
  return want.optional === true && !isNativePartForThisMachine(want);
}

function isNativePartForThisMachine({ os, cpu, libc = 'glibc' }) {
  return includes(os, process.platform) && includes(cpu, process.arch) && includes(libc, 'glibc');
}

function includes(list, value) {
  return list !== undefined && [].concat(list).includes(value);
}

const incomplete = Object.keys(wanted).filter((path) => path !== '' && !complete(path));
if (incomplete.length > 0) console.error(`missing, or different from package-lock.json: ${incomplete.join(' ')}`);
process.exitCode = incomplete.length > 0 ? 1 : 0;
