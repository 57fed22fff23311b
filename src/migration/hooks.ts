import type { ErrorRecord } from '../errors.ts';
import type { HookName, TaskId, TaskStatus } from './words.ts';

/** How a hook's command ended, the last time that it was run. */
export interface HookState {
  readonly endedAt: string;
  readonly durationMs: number;
  readonly error?: ErrorRecord;
}

export type SiteHook = Exclude<HookName, 'after_run'>;

/** Commands of the configuration, run at certain moments. Each run is in the journal before it begins. */
export interface Hooks {
  has(hook: HookName): boolean;
  /** Rejects with a MigrationError `hook` when the command fails or takes too long, and with the signal's reason. Without
   *  such a hook nothing happens. */
  runForSite(hook: SiteHook, taskId: TaskId, status: TaskStatus, signal: AbortSignal): Promise<void>;
  /** After everything, however it ended; so it knows no signal. `facts`: by the names that the command's environment has them under. */
  runAfterRun(facts: Readonly<Record<string, string>>): Promise<void>;
}

interface Hooked {
  readonly hooks?: Readonly<Partial<Record<HookName, HookState>>> | undefined;
}

export interface HookFailure {
  readonly hook: HookName;
  /** null: of the run as a whole. */
  readonly taskId: TaskId | null;
  readonly error: ErrorRecord;
}

/** Of hooks whose failure stops nothing. One of before_site is why its site failed, and told as that. */
export function listHookFailures(
  state: Hooked & { readonly tasks: Readonly<Record<TaskId, Hooked>> },
): HookFailure[] {
  const ofTasks = Object.entries(state.tasks) as [TaskId, Hooked][];
  return [...ofTasks, [null, state] as const].flatMap(([taskId, { hooks }]) =>
    (['after_site', 'after_run'] as const).flatMap(hook => {
      const error = hooks?.[hook]?.error;
      return error ? [{ hook, taskId, error }] : [];
    }),
  );
}
