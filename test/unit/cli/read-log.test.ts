import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LogQuestion, openLog } from '../../../src/cli/read-log.ts';
import { createLogRenderer } from '../../../src/cli/render-log.ts';
import type { MigrationEvent } from '../../../src/migration/events.ts';
import { RunDirectory } from '../../../src/migration/run-directory.ts';
import { MIGRATION_ID, SampleJournal, samplePlan } from '../../support/sample-plan.ts';

let logDir: string;
let directory: RunDirectory;
beforeEach(async () => {
  logDir = await mkdtemp(join(tmpdir(), 'wfuwp-log-'));
  directory = new RunDirectory(join(logDir, MIGRATION_ID));
  await directory.create();
  await directory.writePlan(samplePlan(3));
});
afterEach(() => rm(logDir, { recursive: true }));

const error = { code: 'access', message: 'denied', scope: 'site', hint: 'Grant it.' } as const;
const EVENTS: readonly MigrationEvent[] = [
  { type: 'site.started', siteId: 1, attempt: 1 },
  { type: 'step.started', siteId: 1, step: 'inspect', attempt: 1 },
  { type: 'site.started', siteId: 2, attempt: 1 },
  { type: 'site.completed', siteId: 1, rows: 1, bytes: 1 },
  { type: 'site.failed', siteId: 2, error },
  { type: 'migration.ended', status: 'completed_with_failures' },
];

async function write(events: readonly MigrationEvent[] = EVENTS): Promise<void> {
  const journal = new SampleJournal();
  const lines = events.map(event => JSON.stringify(journal.wait(1_000).fold(event)));
  await writeFile(directory.journal, `${lines.join('\n')}\n`);
}

/** The numbers of the lines that are given, and the error that follows them. */
async function ask(question: Partial<LogQuestion>): Promise<{ seqs: number[]; failure?: unknown }> {
  const { lines } = await openLog({ logDir, id: 'abc123', level: 'debug', ...question });
  const seqs: number[] = [];
  try {
    for await (const line of lines) seqs.push(line.seq);
    return { seqs };
  } catch (failure) {
    return { seqs, failure };
  }
}

describe('which lines', () => {
  it.each<[Partial<LogQuestion>, number[]]>([
    [{}, [1, 2, 3, 4, 5, 6]],
    [{ level: 'info' }, [1, 3, 4, 5, 6]],
    [{ level: 'warn' }, [5, 6]],
    [{ level: 'error' }, [5]],
    [{ siteId: 1 }, [1, 2, 4]],
    [{ siteId: 0 }, []],
    [{ last: 2 }, [5, 6]],
    [{ last: 99 }, [1, 2, 3, 4, 5, 6]],
    [{ last: 2, level: 'info', siteId: 1 }, [1, 4]],
  ])('%j', async (question, seqs) => {
    await write();
    expect(await ask(question)).toEqual({ seqs });
  });

  it('a torn last line is none', async () => {
    await write();
    await appendFile(directory.journal, '{"seq":7,"at":"2026');
    expect(await ask({ level: 'warn' })).toEqual({ seqs: [5, 6] });
    expect(await ask({ last: 1 })).toEqual({ seqs: [6] });
  });

  it('damage ends it, after the sound lines; the other end is still to be had', async () => {
    await write();
    const lines = (await readFile(directory.journal, 'utf8')).split('\n');
    await writeFile(directory.journal, lines.with(3, 'rubbish').join('\n'));
    const failure = { code: 'migration_unreadable', exitCode: 10 };
    expect(await ask({})).toMatchObject({ seqs: [1, 2, 3], failure });
    expect(await ask({ last: 3 })).toMatchObject({ seqs: [5, 6], failure });
    expect(await ask({ last: 2 })).toEqual({ seqs: [5, 6] });
  });

  it('no journal', async () => {
    expect(await ask({})).toMatchObject({ seqs: [], failure: { code: 'migration_unreadable' } });
    expect(await ask({ last: 1 })).toMatchObject({ seqs: [], failure: { code: 'migration_unreadable' } });
  });
});

it('says it as migration-progress.log does, with addresses as far as the plan is there', async () => {
  const journal = new SampleJournal();
  const line = journal.fold({ type: 'site.failed', siteId: 2, error });
  const render = (plan: Parameters<typeof createLogRenderer>[0]): string =>
    createLogRenderer(plan, { colors: false })(line);
  expect(render(samplePlan(3))).toBe(
    '2026-11-21 02:30:00.000Z  ERROR  site 2 art2.prod.example.edu: FAILED. denied [access] Next: Grant it.',
  );
  expect(render({ sites: [] })).toContain('ERROR  site 2: FAILED.');
});
