#!/usr/bin/env node
// wfuwp, from dist/. A machine's own node may be too old for it: then this file runs itself again with the node
// that bin/setup has put into .runtime/. So everything here must parse on Node 12: no `?.`, no `??`, no
// top-level await.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { engines } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const required = engines.node.replace(/^\D+/, '');
const bundled = `${root}.runtime/bin/node`;
const isCheckout = existsSync(`${root}bin/setup`);

if (isCheckout && !(existsSync(`${root}dist`) && existsSync(`${root}node_modules/@oclif/core`))) {
  refuse('This checkout is not set up yet: run bin/setup');
} else if (isAtLeast(process.versions.node, required)) {
  void import('@oclif/core').then(({ execute }) => execute({ loadOptions: { root, userPlugins: false } }));
} else if (existsSync(bundled) && realpathSync(bundled) !== process.execPath) {
  runWith(bundled);
} else {
  refuse(`wfuwp needs Node ${required} or newer; this is ${process.versions.node}.`);
}

function refuse(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 2;
}

/** The child is wfuwp in every respect: it gets the signals, and its exit code is ours. */
function runWith(node) {
  // Listened to before there is a child: one that came between would end this process alone, and leave an orphan.
  // A terminal sends INT and HUP to the whole foreground group, so the child has them already. A second copy would
  // read as "Ctrl-C, twice": leave at once instead of draining.
  const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => atTerminal || child.kill(signal));
  process.on('SIGTERM', () => child.kill('SIGTERM'));

  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  child.on('error', error => {
    process.stderr.write(`wfuwp could not start ${node}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? code : 128 + constants.signals[signal];
  });
}

function isAtLeast(version, minimum) {
  const have = version.split('.').map(Number);
  const need = minimum.split('.').map(Number);
  const differing = need.findIndex((part, index) => part !== have[index]);
  return differing === -1 || have[differing] > need[differing];
}
