// What to type next, ready to be copied: with the whole id, and with --log-dir where the run isn't in the usual place.

import { dirname, resolve } from 'node:path';
import type { Line } from '../lib/paint.ts';
import type { RunEntry } from '../migration/read-run.ts';
import { isRollbackAvailable, type MigrationState } from '../migration/state.ts';
import { findsUnasked } from './log-dir-flag.ts';
import { type Page, section } from './text-blocks.ts';

/** How to go on with a run that isn't wholly done, the best way first; nothing for one that is done or damaged. */
export function suggestResume(run: RunEntry): string[] {
  if (run.damage.length > 0 || run.holder) return [];
  const { failed, timeout } = run.sites;
  const hasFailures = failed + timeout > 0 || run.network === 'failed' || run.network === 'timeout';
  const retry = hasFailures ? [typeCommand(run.path, `--resume ${run.id} --retry-failed`)] : [];
  switch (run.status) {
    case 'interrupted':
    case 'paused':
    case 'failed':
      return [typeCommand(run.path, `--resume ${run.id}`), ...retry];
    case 'completed_with_failures':
      return retry;
    default:
      return [];
  }
}

/** How to give up a run whose work another has done since. */
export function suggestClosing(run: RunEntry): string {
  return typeCommand(run.path, `cleanup ${run.id} --close`);
}

/** All that makes sense now. */
export function suggestCommands(run: RunEntry, state: MigrationState | null): string[] {
  const isHeld = state?.pace?.startsPaused === true;
  if (run.holder)
    return [...(isHeld ? [`continue ${run.id}`] : []), `status ${run.id} --watch`].map(words =>
      typeCommand(run.path, words),
    );
  if (run.damage.length > 0) return run.updatedAt ? [typeCommand(run.path, `log ${run.id} --last 20`)] : [];
  const undo = state && isRollbackAvailable(state) ? [typeCommand(run.path, `rollback ${run.id}`)] : [];
  // After it nothing can be swapped back: only where nothing is left to do.
  const tidy =
    undo.length > 0 && run.status === 'completed' ? [typeCommand(run.path, `cleanup ${run.id}`)] : [];
  return [...suggestResume(run), ...undo, ...tidy];
}

/** `env-migrate` with these words, for the run in this directory. */
export function typeCommand(path: string, words: string): string {
  return nameLogDir(`wfuwp env-migrate ${words}`, path);
}

/** A command for the run in this directory, which says where that is when it isn't in the usual place. */
export function nameLogDir(command: string, path: string): string {
  const folder = resolve(dirname(path));
  return findsUnasked(folder) ? command : `${command} --log-dir ${quote(folder)}`;
}

function quote(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Told apart by a word of the command. */
const MEANINGS = [
  [' --retry-failed', 'tries the failed sites again'],
  [' --resume', 'goes on where it stopped'],
  [' rollback', 'swaps back what was live before'],
  [' --close', 'gives it up as it stands: after it nothing can be resumed or rolled back'],
  [' cleanup', 'removes the previous tables: after it nothing can be rolled back'],
  [' continue', 'lets it start sites again'],
  [' --watch', 'shows how it goes on, until it ends'],
  [' log', 'shows what happened last'],
] as const;

export function renderNextCommands(page: Page, commands: readonly string[]): Line[] {
  const lines = commands.flatMap((command): Line[] => {
    const meaning = MEANINGS.find(([word]) => command.includes(word))?.[1];
    return [`  ${command}`, ...(meaning ? [page.paint('dim', `      ${meaning}`)] : [])];
  });
  return section(page, 'Next:', lines);
}
