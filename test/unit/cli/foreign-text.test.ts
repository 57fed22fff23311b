// Whoever shows something to people is tried with data in which every text is poisoned. Whoever isn't in the table is
// found by the last test.

import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Config } from '@oclif/core';
import { afterEach, expect, it, vi } from 'vitest';
import { BaseCommand } from '../../../src/cli/base-command.ts';
import commandNotFound from '../../../src/cli/command-not-found.ts';
import { renderNextCommands } from '../../../src/cli/next-commands.ts';
import { renderAllRuns } from '../../../src/cli/render-all-runs.ts';
import { renderCleanup } from '../../../src/cli/render-cleanup.ts';
import { renderConfigCheck } from '../../../src/cli/render-config-check.ts';
import { renderControl } from '../../../src/cli/render-control.ts';
import { renderExplanation } from '../../../src/cli/render-explanation.ts';
import { renderFailures } from '../../../src/cli/render-failures.ts';
import { renderGrants } from '../../../src/cli/render-grants.ts';
import { renderLeftOfRun, renderLeftOfSite } from '../../../src/cli/render-left-values.ts';
import { createLogRenderer } from '../../../src/cli/render-log.ts';
import { renderPlan } from '../../../src/cli/render-plan.ts';
import { renderRollback } from '../../../src/cli/render-rollback.ts';
import { renderRunList } from '../../../src/cli/render-run-list.ts';
import { renderSettingList, renderSettings } from '../../../src/cli/render-settings.ts';
import { renderStatus } from '../../../src/cli/render-status.ts';
import { renderSummary } from '../../../src/cli/render-summary.ts';
import { renderTargetLock } from '../../../src/cli/render-target-lock.ts';
import { renderPlannedTreatment, renderTreatment } from '../../../src/cli/render-treatment.ts';
import { renderValidation } from '../../../src/cli/render-validation.ts';
import { renderVerify } from '../../../src/cli/render-verify.ts';
import { selectIncomplete } from '../../../src/cli/run-list.ts';
import { reportStatus } from '../../../src/cli/status-report.ts';
import { listSettings } from '../../../src/config/list-settings.ts';
import { MigrationError } from '../../../src/errors.ts';
import { createPaint, type Line } from '../../../src/lib/paint.ts';
import { showLines } from '../../../src/lib/show-lines.ts';
import type { MigrationEvent } from '../../../src/migration/events.ts';
import { summarize } from '../../../src/migration/summary.ts';
import { createPlainLines } from '../../../src/sinks/plain-lines.ts';
import { createProgressLog } from '../../../src/sinks/progress-log.ts';
import type { Sink } from '../../../src/sinks/sink.ts';
import { createTerminal } from '../../../src/sinks/terminal.ts';
import { createUnitProgress } from '../../../src/sinks/unit-progress.ts';
import { FakeTerminal } from '../../support/fake-terminal.ts';
import { MARK, poison } from '../../support/poison.ts';
import { SampleJournal } from '../../support/sample-plan.ts';
import { CLEANUP_REPORT, CONFIG_CHECK, CONTROL_REPORT, EVERY_EVENT, EXPLANATION, FULL_PLAN, GRANTS, ROLLBACK_REPORT, TARGET_LOCK, VERIFY_REPORT } from '../../support/sample-reports.ts';
import { NOW, sampleRun } from '../../support/sample-run.ts';
import { TROUBLEMAKERS } from '../../support/troublemakers.ts';

const paint = createPaint(false);
const page = { width: 100, paint };
const options = { width: 100, colors: false };

/** Poisons data with one character. */
type Poison = <T>(value: T) => T;

/** What each shows of poisoned data. */
const SHOWN: Readonly<Record<string, (bad: Poison) => string | Promise<string>>> = {
  'cli/base-command.ts': showByCommand,
  'cli/command-not-found.ts': showUnknownCommand,
  'cli/render-cleanup.ts': bad => renderCleanup(bad(CLEANUP_REPORT), options),
  'cli/render-config-check.ts': bad => renderConfigCheck(bad(CONFIG_CHECK), paint),
  'cli/render-control.ts': bad => renderControl(bad(CONTROL_REPORT)),
  'cli/render-explanation.ts': bad => show(renderExplanation(bad(EXPLANATION), { line: 1, paint })),
  'cli/render-grants.ts': bad => renderGrants(bad(GRANTS)),
  'cli/render-failures.ts': bad => show(renderFailures(page, bad(summaryOf(bad).failures))),
  'cli/render-left-values.ts': bad => {
    const { rewritten } = summaryOf(bad);
    const ofSite = rewritten.left.map(left => ({ ...left, keys: bad(['ID=7']) }));
    return show([
      ...renderLeftOfRun(page, rewritten.left, () => bad('status 4')),
      ...renderLeftOfSite(page, ofSite),
    ]);
  },
  'cli/render-log.ts': bad => {
    const render = createLogRenderer(bad(FULL_PLAN), options);
    return bad(journalOf(EVERY_EVENT).lines).map(render).join('\n');
  },
  'cli/render-plan.ts': bad => renderPlan(bad(FULL_PLAN), options),
  'cli/render-rollback.ts': bad =>
    [false, true]
      .map(carriedOut => renderRollback({ ...bad(ROLLBACK_REPORT), carriedOut }, options))
      .join('\n'),
  'cli/render-all-runs.ts': bad => renderAllRuns([bad(sampleRun().entry)], { ...options, now: NOW }),
  'cli/render-run-list.ts': bad =>
    renderRunList(selectIncomplete([bad({ ...sampleRun().entry, damage: ['Its plan is damaged.'] })]), {
      ...options,
      now: NOW,
    }),
  'cli/render-settings.ts': bad =>
    renderSettings(bad(listSettings().slice(0, 5)), [], page) + renderSettingList(bad(listSettings()), paint),
  'cli/render-status.ts': bad =>
    [undefined, 2, 3, 4]
      .map(siteId => renderStatus(bad(reportStatus(runOf(bad), FULL_PLAN, siteId)), { ...options, now: NOW }))
      .join('\n'),
  'cli/render-summary.ts': bad =>
    [false, true]
      .map(verbose => ({ ...options, isSaved: true, verbose, runDirectory: bad('/srv/logs/run') }))
      .map(shown => renderSummary(bad(summaryOf(bad)), shown))
      .join('\n'),
  'cli/render-target-lock.ts': bad =>
    (['living', 'expired', 'process_dead'] as const)
      .flatMap(condition => [false, true].map(broken => ({ ...bad(TARGET_LOCK), condition, broken })))
      .map(lock => renderTargetLock(lock, bad('wfuwp env-migrate unlock')))
      .concat(renderTargetLock({ ...bad(TARGET_LOCK), holder: null }, ''))
      .join('\n'),
  'cli/render-treatment.ts': bad =>
    show([...renderPlannedTreatment(page, bad(FULL_PLAN)), ...renderTreatment(page, bad(summaryOf(bad)))]),
  'cli/render-validation.ts': bad => show(renderValidation(page, bad(summaryOf(bad)))),
  'cli/render-verify.ts': bad => renderVerify(bad(VERIFY_REPORT), options),
  'cli/next-commands.ts': bad => show(renderNextCommands(page, bad(['wfuwp env-migrate --resume abc123']))),
  'sinks/plain-lines.ts': async bad => {
    const pipe = Object.assign(new FakeTerminal(), { isTTY: false });
    await tell(createPlainLines({ plan: bad(FULL_PLAN), stream: pipe.asStream() }), bad);
    return pipe.text;
  },
  'sinks/progress-log.ts': async bad => {
    const folder = mkdtempSync(join(tmpdir(), 'wfuwp-foreign-'));
    const file = join(folder, 'log');
    await tell(createProgressLog(file, bad(FULL_PLAN)), bad);
    const text = readFileSync(file, 'utf8');
    rmSync(folder, { recursive: true });
    return text;
  },
  'sinks/terminal/slot-screen.ts': showOnTerminal,
  'sinks/unit-progress.ts': bad => {
    const pipe = Object.assign(new FakeTerminal(), { isTTY: false });
    using progress = createUnitProgress({
      plan: bad(FULL_PLAN),
      total: 2,
      deed: 'gone',
      stream: pipe.asStream(),
    });
    progress.done(2);
    progress.failed(3);
    return pipe.text;
  },
};

/** Nothing can be shown by them without a person or another process: their texts are looked at in these tests. */
const TRIED_ELSEWHERE: Readonly<Record<string, string>> = {
  'cli/watch-output.ts': 'test/e2e/faults/failing-files.test.ts',
  'cli/prompts.ts': 'test/e2e/evil-names.test.ts',
  'commands/rewrite.ts': 'test/e2e/rewrite.test.ts',
};

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

it.each(Object.keys(SHOWN))('%s shows nothing of others as it is', async file => {
  for (const [name, character] of TROUBLEMAKERS) {
    const text = await SHOWN[file]!(value => poison(value, character));
    expect(text, name).toContain(MARK);
    expect(text, name).not.toContain(MARK + character);
    // What moves the cursor on a screen is our own, as is what ends a line.
    const isOwn = character === '\n' || file === 'sinks/terminal/slot-screen.ts';
    if (!isOwn) expect(text, name).not.toContain(character);
  }
});

it('knows everyone who shows something', () => {
  const sources = globSync('**/*.ts', { cwd: 'src' });
  const showing = sources.filter(
    file =>
      file.startsWith('cli/render-') ||
      /import \{[^}]*\b(?<!type )(?:showLines?|writeLines)\b[^}]*\} from '[./]*lib\/show-lines\.ts'/.test(
        readFileSync(join('src', file), 'utf8'),
      ),
  );
  const known = [...Object.keys(SHOWN), ...Object.keys(TRIED_ELSEWHERE)];
  expect(showing.filter(file => !known.includes(file))).toEqual([]);
  expect(known.filter(file => !sources.includes(file))).toEqual([]);
});

function show(lines: readonly Line[]): string {
  return showLines(lines);
}

function journalOf(events: readonly MigrationEvent[]) {
  const journal = new SampleJournal();
  const lines = events.map(event => journal.wait(60_000).fold(event));
  return { lines, state: journal.state };
}

function runOf(bad: Poison) {
  return { ...sampleRun({ status: 'failed' }), state: journalOf(bad(EVERY_EVENT)).state };
}

function summaryOf(bad: Poison) {
  return summarize(bad(FULL_PLAN), journalOf(bad(EVERY_EVENT)).state);
}

async function tell(sink: Sink, bad: Poison): Promise<void> {
  const journal = new SampleJournal();
  for (const event of bad(EVERY_EVENT)) {
    sink.onEvent?.(journal.wait(60_000).fold(event), journal.state);
    sink.onTick?.({ siteId: 2, step: 'copy_tables', table: bad('wp_2_posts'), rows: 1, bytes: 1 });
  }
  await sink.close?.();
}

async function showOnTerminal(bad: Poison): Promise<string> {
  const screen = new FakeTerminal();
  screen.columns = 200;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const sink = createTerminal({ plan: bad(FULL_PLAN), stream: screen.asStream() });
  const journal = new SampleJournal();
  for (const event of bad(EVERY_EVENT.filter(({ type }) => type !== 'site.completed'))) {
    sink.onEvent?.(journal.fold(event), journal.state);
    if (event.type === 'step.started')
      sink.onTick?.({ siteId: 2, step: 'copy_tables', table: bad('wp_2_posts'), rows: 1, bytes: 1 });
  }
  await vi.waitFor(() => {
    vi.advanceTimersByTime(200);
    expect(screen.text).toContain('copying');
  });
  await sink.close?.();
  vi.useRealTimers();
  return screen.text;
}

/** Everything that was written to stdout and stderr meanwhile. */
async function capture(work: () => Promise<unknown>): Promise<string> {
  let text = '';
  const keep = (piece: unknown): boolean => {
    text += `${String(piece)}\n`;
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
  vi.spyOn(console, 'log').mockImplementation(keep);
  vi.spyOn(console, 'error').mockImplementation(keep);
  await work().catch(() => {});
  return text;
}

const CONFIG = Config.load({
  root: process.cwd(),
  pjson: { name: 'wfuwp', version: '0.0.0', oclif: { bin: 'wfuwp' } },
  ignoreManifest: true,
  userPlugins: false,
});

/** Lines, warnings, results and errors of all kinds. */
async function showByCommand(bad: Poison): Promise<string> {
  const text = bad('text');
  const failures: unknown[] = [
    new MigrationError('usage', [text, text], { hint: [text], cause: new Error(text, { cause: text }) }),
    new TypeError(text),
    text,
  ];
  const works: ((command: BaseCommand) => unknown)[] = [
    command => {
      command.log(text);
      command.logToStderr(text);
      command.warn(text);
      return { [text]: text };
    },
    ...failures.map(failure => () => {
      throw failure;
    }),
  ];
  const config = await CONFIG;
  return capture(async () => {
    for (const work of works) {
      for (const argv of [['-v'], ['--json'], [text], [`--${text}`]]) {
        class TestCommand extends BaseCommand {
          static override id = 'test';
          async run(): Promise<unknown> {
            await this.parse(TestCommand);
            return work(this);
          }
        }
        await TestCommand.run(argv, config).catch(() => {});
      }
    }
  });
}

async function showUnknownCommand(bad: Poison): Promise<string> {
  const config = await CONFIG;
  const context = { exit: () => {} } as unknown as ThisParameterType<typeof commandNotFound>;
  return capture(async () => {
    for (const argv of [[], ['--json']])
      await commandNotFound.call(context, { id: bad('text'), argv, config, context });
  });
}
