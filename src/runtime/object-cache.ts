// Flushes the target's object cache in the way that the configuration says: a command or a URL, each with a time limit,
// and if wanted a command that says whether it has worked.

import type { Environment } from '../config/schema.ts';
import { requestPage } from '../http/request-page.ts';
import { maskSecrets } from '../lib/mask-secrets.ts';
import type { ObjectCache } from '../migration/cache.ts';
import type { Plan } from '../migration/plan.ts';
import type { ValidationResult, ValidationTest } from '../migration/validation.ts';
import { nameTask, type TaskId } from '../migration/words.ts';
import { runCommand } from '../shell/run-command.ts';
import { describeRunFacts, describeSiteFacts } from './command-facts.ts';

export type CacheSettings = NonNullable<Environment['cache']>;

export function createObjectCache(settings: CacheSettings, plan: Plan, runDirectory: string): ObjectCache {
  const { eachSite, required, verify } = settings;
  return {
    eachSite,
    required,
    async flush(taskId, signal) {
      const work: Work = {
        settings,
        env: {
          ...describeRunFacts(plan, runDirectory),
          ...(taskId === null ? {} : describeSiteFacts(plan, taskId)),
        },
        ...(signal ? { signal } : {}),
      };
      const failure = await flushOnce(work);
      signal?.throwIfAborted();
      const flushed = report('cache_flush', taskId, failure);
      if (failure !== null || !verify) return [flushed];
      const doubt = await check(work, verify);
      signal?.throwIfAborted();
      return [flushed, report('cache_check', taskId, doubt)];
    },
  };
}

interface Work {
  readonly settings: CacheSettings;
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Why it has not worked; null: it has. */
async function flushOnce({ settings, env, signal }: Work): Promise<string | null> {
  const { flushCommand, flushUrl, method, timeoutMs } = settings;
  const limits = { timeoutMs, ...(signal ? { signal } : {}) };
  if (flushCommand) {
    const { failure, output } = await runCommand({ argv: flushCommand, env, ...limits });
    return failure === null ? null : `${nameProgram(flushCommand)}: ${failure}${quoteLast(output)}`;
  }
  if (!flushUrl) return null;
  try {
    const { status } = await requestPage({ url: new URL(flushUrl.reveal()), method, ...limits });
    return status >= 200 && status < 300 ? null : `the URL answered ${status}`;
  } catch (error) {
    return `the URL can't be asked: ${(error as Error).message}`;
  }
}

async function check(
  { settings: { timeoutMs }, env, signal }: Work,
  { command, expect }: NonNullable<CacheSettings['verify']>,
): Promise<string | null> {
  const end = await runCommand({ argv: command, env, timeoutMs, ...(signal ? { signal } : {}) });
  if (end.failure !== null) return `${nameProgram(command)}: ${end.failure}${quoteLast(end.output)}`;
  if (expect === undefined || end.stdout.trim() === expect.trim()) return null;
  return `${nameProgram(command)} printed "${end.output.at(-1) ?? ''}" instead of "${maskSecrets(expect)}"`;
}

/** Its arguments stay unsaid. */
function nameProgram([program = '']: readonly string[]): string {
  return maskSecrets(program);
}

function quoteLast(output: readonly string[]): string {
  const last = output.at(-1);
  return last === undefined ? '' : `; it printed: ${last}`;
}

function report(test: ValidationTest, taskId: TaskId | null, failure: string | null): ValidationResult {
  return {
    component: taskId === null ? 'object cache' : `object cache, ${nameTask(taskId)}`,
    test,
    stage: 'after',
    passed: failure === null,
    error: failure,
    testedAt: new Date().toISOString(),
  };
}
