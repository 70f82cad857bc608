#!/usr/bin/env node
// Starts the CLI on the pinned Node: the one on PATH may be too old to run TypeScript.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
await import('../scripts/ensure.mjs');

const pinned = at('../node_modules/.bin/node');
const node = existsSync(pinned) ? pinned : process.execPath;
const { status, signal, error } = spawnSync(node, [at('../src/cli.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
if (error) {
  process.stderr.write(`cannot start ${node}: ${error.message}\n`);
  process.exit(1);
}
if (signal) process.kill(process.pid, signal);
process.exit(status ?? 1);
