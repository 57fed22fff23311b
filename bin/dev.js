#!/usr/bin/env node
// wfuwp straight from src/*.ts, without a build. Node strips the types itself.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execute, settings } from '@oclif/core';

const root = fileURLToPath(new URL('..', import.meta.url));

// What package.json says of dist/*.js is true of src/*.ts.
const pjson = JSON.parse(
  readFileSync(`${root}/package.json`, 'utf8').replace(/"\.\/dist\/([^"]*?)(\.js)?"/g, (_, path, js) =>
    JSON.stringify(`./src/${path}${js ? '.ts' : ''}`),
  ),
);

// Else oclif looks for tsx or ts-node and, without them, silently runs the stale dist/.
settings.enableAutoTranspile = false;

// The manifest freezes the list of commands and points into dist/.
await execute({ loadOptions: { root, pjson, ignoreManifest: true, userPlugins: false } });
