// The hooks of the configuration as the run calls them: the site's facts in the environment, each run journaled before
// it begins.

import type { Config } from '../config/schema.ts';
import { MigrationError, toErrorRecord } from '../errors.ts';
import { maskSecrets } from '../lib/mask-secrets.ts';
import type { HookEnd, MigrationEvent } from '../migration/events.ts';
import type { Hooks } from '../migration/hooks.ts';
import type { Plan } from '../migration/plan.ts';
import { type HookName, nameTask, type TaskId } from '../migration/words.ts';
import { runCommand } from '../shell/run-command.ts';
import { describeRunFacts, describeSiteFacts } from './command-facts.ts';

export type HookSettings = Config['hooks'];

export interface HookRun {
  readonly plan: Plan;
  readonly runDirectory: string;
  record(event: MigrationEvent): Promise<void>;
}

/** Two hooks a site of a big network are much text, of which nobody reads what went well. */
const LINES_OF_SUCCESS = 3;

const HINT_AFTER = 'What it should have done is left to do by hand; nothing else depends on it.';

export function createHooks(settings: HookSettings, run: HookRun): Hooks {
  const runHook = async (
    hook: HookName,
    taskId: TaskId | null,
    facts: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<void> => {
    const setting = settings[hook];
    if (!setting) return;
    // A site's hook has a site; the types can't say so of two values at once.
    const about = (taskId === null ? { hook } : { hook, taskId }) as { hook: 'after_run' };
    await run.record({ type: 'hook.started', ...about });
    const end = await runCommand({
      argv: setting.command,
      env: { ...describeRunFacts(run.plan, run.runDirectory), ...facts, WFUWP_HOOK: hook },
      timeoutMs: setting.timeoutMs,
      ...(signal ? { signal } : {}),
    });
    const whose = taskId === null ? '' : ` of ${nameTask(taskId)}`;
    const command = maskSecrets(setting.command[0] ?? '');
    const error =
      end.failure === null
        ? undefined
        : new MigrationError('hook', `The ${hook} hook${whose} (${command}) failed: ${end.failure}.`, {
            ...(hook === 'before_site' ? {} : { hint: HINT_AFTER }),
            details: { command, failure: end.failure },
          });
    const said: HookEnd = {
      durationMs: end.durationMs,
      output: end.output.slice(error ? 0 : -LINES_OF_SUCCESS),
      ...(error ? { error: toErrorRecord(error) } : {}),
    };
    await run.record({ type: 'hook.ended', ...about, ...said });
    signal?.throwIfAborted();
    if (error) throw error;
  };
  return {
    has: hook => settings[hook] !== undefined,
    runForSite: (hook, taskId, status, signal) =>
      runHook(hook, taskId, { ...describeSiteFacts(run.plan, taskId), WFUWP_STATUS: status }, signal),
    runAfterRun: facts => runHook('after_run', null, facts),
  };
}
