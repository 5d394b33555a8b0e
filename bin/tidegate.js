#!/usr/bin/env node
// Finds a Node that can run the controller, and starts the controller with it: from the bundle, if this file is the
// copy that `npm run bundle` makes, otherwise from the TypeScript sources. This file uses only syntax of Node 12, so
// that an old Node can still print what to do.
import { spawn } from 'child_process';
import { existsSync, readdirSync, realpathSync } from 'fs';
import module from 'module';
import { constants } from 'os';
import { dirname, join } from 'path';
import { fileURLToPath } from 'url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bundled = existsSync(join(root, 'tidegate.mjs'));

// chokidar requires Node 22.22, which is newer than the first Node with type stripping.
function canRun() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return (major > 22 || (major === 22 && minor >= 22)) && (bundled || Boolean(process.features.typescript));
}

function projectNode() {
  const modules = join(root, 'node_modules');
  const candidates = [join(modules, '.bin', 'node')];
  try {
    for (const name of readdirSync(modules)) {
      if (name.startsWith('node-linux-')) candidates.push(join(modules, name, 'bin', 'node'));
    }
  } catch {
    return undefined;
  }
  return candidates.find(isAnotherNode);
}

function isAnotherNode(path) {
  try {
    return realpathSync(path) !== realpathSync(process.execPath);
  } catch {
    return false;
  }
}

// Emulates exec(2), which old Node versions lack: the child uses the same streams, gets the signals, and determines the
// exit status.
function become(node) {
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both processes; if this process also passed it on, the child would get it twice.
  const fromTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY ? ['SIGINT', 'SIGQUIT'] : [];
  const signals = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) {
    process.on(signal, () => {
      if (!fromTerminal.includes(signal)) child.kill(signal);
    });
  }
  child.on('error', (error) => giveUp(`${node} does not start (${error.message}).`));
  child.on('exit', (code, signal) => {
    if (!signal) return process.exit(code);
    for (const name of signals) process.removeAllListeners(name);
    // Signals such as SIGKILL also end this process; for others, the exit code is the shell's number for the signal.
    process.exitCode = 128 + constants.signals[signal];
    process.kill(process.pid, signal);
  });
}

function giveUp(what) {
  console.error(`tidegate: ${what} Run \`npm install\` or \`npm start\` in ${root}: it installs Node 24.`);
  process.exitCode = 1;
}

// npx and npm start this process through a shell, which exits on SIGTERM without forwarding the signal. The exit of the
// shell is visible because this process gets another parent.
function followShell() {
  if (process.env.npm_command === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  timer.unref();
}

// Stripping the types and compiling take half of the time of a start, so the result is cached: in the checkout, not in
// /tmp, to which other users can write.
function keepCompiled() {
  if (!bundled && typeof module.enableCompileCache === 'function')
    module.enableCompileCache(join(root, 'node_modules', '.cache', 'tidegate'));
}

async function run() {
  keepCompiled();
  const { main } = await import(bundled ? '../tidegate.mjs' : '../controller/cli/main.ts');
  process.exitCode = await main(process.argv.slice(2));
}

followShell();
if (canRun()) {
  run().catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
} else {
  const node = projectNode();
  if (node) become(node);
  else giveUp(`Node ${process.versions.node} is too old for the controller and node_modules has no newer one.`);
}
