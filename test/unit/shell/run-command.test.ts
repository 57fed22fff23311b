import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Command, type CommandEnd, runCommand } from '../../../src/shell/run-command.ts';

function run(script: string, options: Partial<Command> = {}): Promise<CommandEnd> {
  return runCommand({ argv: ['sh', '-c', script], env: {}, timeoutMs: 20_000, ...options });
}

describe('a command', () => {
  it('is told facts in its environment, beside what is inherited', async () => {
    const end = await run('[ -n "$PATH" ] && echo "$FACT in a path"', { env: { FACT: 'site 4' } });
    expect(end).toMatchObject({ failure: null, output: ['site 4 in a path'], stdout: 'site 4 in a path\n' });
  });

  it('is taken as it is: no shell reads its arguments', async () => {
    const args = ['$(echo x)', '`echo x`', '; echo x', '*', '"', "'", '$PATH', 'a\nb'];
    const end = await run('', { argv: ['printf', '%s|', ...args] });
    expect(end.stdout).toBe(args.map(arg => `${arg}|`).join(''));
  });

  it.each([
    ['sh', ['-c', 'echo why >&2; exit 3'], 'it ended with exit code 3', ['why']],
    ['sh', ['-c', 'kill -9 $$'], 'it was ended by SIGKILL', []],
    ['no-such-program-here', [], 'there is no such program', []],
  ])('%s %j fails, and it says why', async (file, args, failure, output) => {
    expect(await run('', { argv: [file, ...args] })).toMatchObject({ failure, output });
  });

  it('that takes too long is ended, with what it has started', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wfuwp-command-'));
    const file = join(folder, 'beats');
    const script = `(while :; do echo x >> ${file}; sleep 0.05; done) & wait`;
    const end = await run(script, { timeoutMs: 400 });
    expect(end.failure).toBe('it took longer than its 0.4 s and was ended');
    const beats = (await readFile(file, 'utf8')).length;
    await sleep(300);
    expect((await readFile(file, 'utf8')).length).toBe(beats);
    await rm(folder, { recursive: true });
  });

  it('is ended when the run stops', async () => {
    const stop = new AbortController();
    const ended = run('echo begun; sleep 60', { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('stop')), 200);
    expect((await ended).failure).toBe('it was ended early, as its site or the run was');
  });

  it('that leaves something in the background is not waited for beyond its own end', async () => {
    const end = await run('echo begun; sleep 30 & exit 0');
    expect(end).toMatchObject({ failure: null, output: ['begun'] });
    expect(end.durationMs).toBeLessThan(20_000);
  });

  it('may print as much as it likes: the end of it is kept', async () => {
    const end = await run('seq 1 300000; printf "\\033[31mred\\n\\nlast"');
    expect(end.failure).toBeNull();
    expect(end.output).toHaveLength(20);
    expect(end.output.slice(-3)).toEqual(['300000', '\u001b[31mred', 'last']);
    expect(end.stdout.length).toBeLessThanOrEqual(64 * 1024);
  });
});
