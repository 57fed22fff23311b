import type { ErrorRecord } from '../errors.ts';
import type { HookName, SiteId, SiteStatus } from './words.ts';

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
  runForSite(hook: SiteHook, siteId: SiteId, status: SiteStatus, signal: AbortSignal): Promise<void>;
  /** After everything, however it ended; so it knows no signal. `facts`: by the names that the command's environment has them under. */
  runAfterRun(facts: Readonly<Record<string, string>>): Promise<void>;
}

interface Hooked {
  readonly hooks?: Partial<Record<HookName, HookState>>;
}

export interface HookFailure {
  readonly hook: HookName;
  /** null: of the run as a whole. */
  readonly siteId: SiteId | null;
  readonly error: ErrorRecord;
}

/** Of hooks whose failure stops nothing. One of before_site is why its site failed, and told as that. */
export function listHookFailures(
  state: Hooked & { readonly sites: Readonly<Record<SiteId, Hooked>> },
): HookFailure[] {
  const ofSites = Object.entries(state.sites).map(([siteId, site]) => [Number(siteId), site] as const);
  return [...ofSites, [null, state] as const].flatMap(([siteId, { hooks }]) =>
    (['after_site', 'after_run'] as const).flatMap(hook => {
      const error = hooks?.[hook]?.error;
      return error ? [{ hook, siteId, error }] : [];
    }),
  );
}
