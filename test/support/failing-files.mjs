// Loaded before the program (`--import`): a disk that fails. Whatever opens a file whose path matches FAIL_PATH to write it,
// or writes to one, meets the error FAIL_CODE: those of rights at the opening, those of the disk at the writing.

import { createRequire, syncBuiltinESMExports } from 'node:module';

const require = createRequire(import.meta.url);
const fs = require('node:fs');
const promises = require('node:fs/promises');

const { FAIL_PATH = '^$', FAIL_CODE = 'EIO' } = process.env;
const PATTERN = new RegExp(FAIL_PATH);
const AT_OPENING = ['EACCES', 'EROFS', 'EMFILE'].includes(FAIL_CODE);
const MEANINGS = {
  EACCES: 'permission denied',
  EROFS: 'read-only file system',
  EMFILE: 'too many open files',
  ENOSPC: 'no space left on device',
  EIO: 'i/o error',
};

const failing = new Set();
const matches = path => typeof path === 'string' && PATTERN.test(path);
const isMeant = (path, flags) => matches(path) && flags !== undefined && isToWrite(flags);
const isToWrite = flags =>
  typeof flags === 'number'
    ? (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0
    : !/^r$/.test(flags);
const failure = (syscall, path) =>
  Object.assign(new Error(`${FAIL_CODE}: ${MEANINGS[FAIL_CODE]}, ${syscall}${path ? ` '${path}'` : ''}`), {
    code: FAIL_CODE,
    syscall,
    ...(path ? { path } : {}),
  });

const { open } = promises;
promises.open = async (path, flags, mode) => {
  if (!isMeant(path, flags)) return open(path, flags, mode);
  if (AT_OPENING) throw failure('open', path);
  const file = await open(path, flags, mode);
  for (const name of ['writeFile', 'appendFile', 'write'])
    file[name] = () => Promise.reject(failure('write'));
  return file;
};

const { openSync, writeSync, closeSync, mkdirSync } = fs;
fs.openSync = (path, flags, mode) => {
  if (!isMeant(path, flags)) return openSync(path, flags, mode);
  if (AT_OPENING) throw failure('open', path);
  const file = openSync(path, flags, mode);
  failing.add(file);
  return file;
};
fs.writeSync = (file, ...rest) => {
  if (failing.has(file)) throw failure('write');
  return writeSync(file, ...rest);
};
fs.closeSync = file => {
  failing.delete(file);
  closeSync(file);
};
fs.mkdirSync = (path, options) => {
  if (matches(path)) throw failure('mkdir', path);
  return mkdirSync(path, options);
};
const { mkdir } = promises;
promises.mkdir = async (path, options) => {
  if (matches(path)) throw failure('mkdir', path);
  return mkdir(path, options);
};
const { writeFile } = promises;
promises.writeFile = async (path, content, options) => {
  if (matches(path)) throw failure(AT_OPENING ? 'open' : 'write', AT_OPENING ? path : undefined);
  return writeFile(path, content, options);
};
syncBuiltinESMExports();
