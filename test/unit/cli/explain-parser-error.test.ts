import { expect, it } from 'vitest';
import { explainParserError } from '../../../src/cli/explain-parser-error.ts';

it.each([
  [
    'The following error occurred:\n  All of the following must be provided when using --retry-failed: --resume\nSee more help with --help',
    '--retry-failed needs --resume as well.',
  ],
  ['Parsing --site \n\tExpected an integer but received: x', '--site takes a whole number; "x" is none.'],
  [
    'Parsing --concurrency \n\tExpected an integer less than or equal to 64 but received: 100',
    '--concurrency takes a whole number, less than or equal to 64; "100" is beyond.',
  ],
  [
    'The following errors occurred:\n  Missing required flag concurrency\n  --sites-only=true cannot also be provided when using --network-only',
    '--concurrency is missing.\n--sites-only cannot be given together with --network-only.',
  ],
  [
    'Missing 1 required arg:\nid  Id of the run, or its unique ending.\n\nNote: --accept allows multiple values. Because of this you need to provide all arguments before providing that flag.\nAlternatively, you can use "--" to signify the end of the flags and the beginning of arguments.',
    'An argument is missing: id: Id of the run, or its unique ending.',
  ],
  ['Unexpected argument: c\nSee more help with --help', 'One argument too many: c'],
  ['Flag --timeout expects a value', '--timeout needs a value.'],
  ['Flag --concurrency can only be specified once', '--concurrency may be given only once.'],
  [
    'Expected --verify=bogus to be one of: counts, checksum, off',
    '--verify takes one of counts, checksum, off; "bogus" is none of them.',
  ],
  ['Something that a later version says', 'Something that a later version says'],
])('%j', (message, expected) => {
  expect(explainParserError(message)).toBe(expected);
});
