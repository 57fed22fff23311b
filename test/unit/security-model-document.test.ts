import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const text = await readFile(join(ROOT, 'docs/SECURITY-MODEL.md'), 'utf8');

it('docs/SECURITY-MODEL.md names tests that there are', () => {
  const named = [...text.matchAll(/`(test\/[^`]+)`/g)].map(match => match[1]!);
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
});

it('each thing that it says is done has a test', () => {
  const claims = text.split('\n').filter(line => line.startsWith('- '));
  expect(claims.length).toBeGreaterThan(40);
  expect(claims.filter(claim => !/`test\//.test(claim))).toEqual([]);
});

it('each section but the last says what the program does not protect from, or has nothing to add', () => {
  const sections = text.split(/^## /m).slice(1);
  const silent = sections
    .filter(section => !section.includes('Not protected from'))
    .map(section => section.split('\n')[0]);
  expect(silent).toEqual(['Other machines and other operators', 'What the program is made of']);
});
