import { describe, expect, it } from 'vitest';
import { reportStatus, type StatusReport } from '../../../src/cli/status-report.ts';
import { watchStatus } from '../../../src/cli/watch-status.ts';
import { showLines } from '../../../src/lib/show-lines.ts';
import type { RunEntry } from '../../../src/migration/read-run.ts';
import { FakeTerminal } from '../../support/fake-terminal.ts';
import { sampleRun } from '../../support/sample-run.ts';

const holder = { pid: 4711, host: 'admin-1', since: '' };
const running = reportOf({ status: 'running', holder });
const moved = reportOf({ status: 'running', holder, updatedAt: '2026-11-21T02:59:00.000Z' });
const ended = reportOf({ status: 'completed' });

function reportOf(changes: Partial<RunEntry>): StatusReport {
  return reportStatus(sampleRun(changes), null);
}

async function watch(
  reports: StatusReport[],
  terminal: FakeTerminal | null,
  signal = new AbortController().signal,
) {
  let reads = 0;
  const last = await watchStatus({
    read: async () => reports[Math.min(reads++, reports.length - 1)]!,
    render: report => showLines([`[${report.status} ${report.updatedAt}]`, 'second', 'third']),
    stream: terminal?.asStream() ?? null,
    signal,
    intervalMs: 1,
  });
  return { last, reads };
}

describe('watching', () => {
  it('ends with the run, and gives the last report', async () => {
    const terminal = new FakeTerminal();
    expect(await watch([running, running, moved, ended], terminal)).toEqual({ last: ended, reads: 4 });
    expect(terminal.writes[0]).toContain('\u001b[?1049h');
    expect(terminal.writes.at(-1)).toContain('\u001b[?1049l');
    // Painted at every look: times run on.
    expect(terminal.writes).toHaveLength(5);
  });

  it('cuts off what does not fit the screen', async () => {
    const terminal = Object.assign(new FakeTerminal(), { rows: 3 });
    await watch([running, ended], terminal);
    expect(terminal.text).toContain('second');
    expect(terminal.text).not.toContain('third');
  });

  it('without a terminal prints again only what has changed', async () => {
    const pipe = Object.assign(new FakeTerminal(), { isTTY: false });
    await watch([running, running, running, moved, moved, ended], pipe);
    expect(pipe.writes).toHaveLength(2);
    expect(pipe.text).not.toContain('\u001b');
  });

  it('a run that nobody works on is shown by the caller, once', async () => {
    const terminal = Object.assign(new FakeTerminal(), { isTTY: false });
    expect((await watch([ended], terminal)).reads).toBe(1);
    expect(terminal.writes).toEqual([]);
  });

  it('only waits where nothing is to be shown', async () => {
    expect((await watch([running, running, ended], null)).last).toBe(ended);
  });

  it('ends when the user has seen enough', async () => {
    const controller = new AbortController();
    const terminal = new FakeTerminal();
    setTimeout(() => controller.abort(), 20);
    expect((await watch([running], terminal, controller.signal)).last).toBe(running);
    expect(terminal.writes.at(-1)).toContain('\u001b[?1049l');
  });

  it('leaves the screen as it was when reading fails', async () => {
    const terminal = new FakeTerminal();
    let reads = 0;
    const read = async (): Promise<StatusReport> => {
      reads += 1;
      if (reads > 1) throw new Error('gone');
      return running;
    };
    const watching = watchStatus({
      read,
      render: () => showLines(['x']),
      stream: terminal.asStream(),
      signal: new AbortController().signal,
      intervalMs: 1,
    });
    await expect(watching).rejects.toThrow('gone');
    expect(terminal.writes.at(-1)).toContain('\u001b[?1049l');
  });
});
