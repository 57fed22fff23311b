// Writes oclif.manifest.json: the list of commands with their flags, so that `--help` loads no command. It freezes the
// list: without a new one a new command does not exist. A test fails when the file is stale.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Plugin, settings } from '@oclif/core';

const ROOT = new URL('..', import.meta.url);
export const MANIFEST_FILE = new URL('oclif.manifest.json', ROOT);

/** Reads the commands from src/, so that it needs no build; says of them where they are in dist/. */
export async function renderManifest(): Promise<string> {
  const pjson = JSON.parse(await readFile(new URL('package.json', ROOT), 'utf8'));
  pjson.oclif.commands = './src/commands';
  settings.enableAutoTranspile = false;
  const plugin = new Plugin({
    root: fileURLToPath(ROOT),
    pjson,
    isRoot: true,
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  });
  await plugin.load();
  const commands = Object.entries(plugin.manifest.commands)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, command]) => [id, { ...command, relativePath: command.relativePath?.map(toBuilt) }]);
  return `${JSON.stringify({ ...plugin.manifest, commands: Object.fromEntries(commands) }, null, 2)}\n`;
}

function toBuilt(step: string, index: number): string {
  return index === 0 ? 'dist' : step.replace(/\.ts$/, '.js');
}

if (import.meta.main) await writeFile(MANIFEST_FILE, await renderManifest());
