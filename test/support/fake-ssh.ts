// A program named ssh that forwards a port as ssh does, but to this machine, whatever host is meant. Its users have its folder
// in front of their PATH.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const SCRIPT = `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const { connect, createServer } = require('node:net');
const argv = process.argv.slice(2);
appendFileSync(__dirname + '/calls', JSON.stringify({ argv, pid: process.pid }) + '\\n');
if (argv.at(-1) === 'wp@closed') {
  console.error('Warning: something else.\\nwp@closed: Permission denied (publickey).');
  process.exit(255);
}
const [, port, host, to] = /^127\\.0\\.0\\.1:(\\d+):(.+):(\\d+)$/.exec(argv[argv.indexOf('-L') + 1]);
createServer(near => {
  const far = connect(Number(to), '127.0.0.1');
  near.pipe(far).pipe(near);
  for (const end of [near, far]) end.on('error', () => { near.destroy(); far.destroy(); });
}).listen(Number(port), '127.0.0.1');
`;

export interface FakeSsh extends AsyncDisposable {
  /** With the folder in front. */
  readonly path: string;
  /** How it was called, and as which process, first one first. */
  calls(): Promise<{ readonly argv: readonly string[]; readonly pid: number }[]>;
}

export async function createFakeSsh(): Promise<FakeSsh> {
  const folder = await mkdtemp(join(tmpdir(), 'wfuwp-ssh-'));
  await writeFile(join(folder, 'ssh'), SCRIPT, { mode: 0o755 });
  return {
    path: `${folder}${delimiter}${process.env.PATH}`,
    async calls() {
      const text = await readFile(join(folder, 'calls'), 'utf8').catch(() => '');
      return text
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line));
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
