/** `free`: never held, or given back. `expired` and `process_dead`: its holder is gone and the next run takes over. */
type LockCondition = 'free' | 'living' | 'expired' | 'process_dead';

/** Who works on a target, as `unlock` shows it; plain JSON. */
export interface TargetLock {
  readonly environment: string;
  readonly database: string;
  readonly condition: LockCondition;
  /** null when nobody held it. */
  readonly holder: TargetHolder | null;
  /** Whether `unlock` has just broken it; `holder` is then whose it was. */
  readonly broken: boolean;
}

/** Times are the database server's, ISO. */
export interface TargetHolder {
  readonly lockId: string;
  readonly fencing: number;
  readonly host: string;
  readonly pid: number;
  readonly migrationId: string;
  readonly takenAt: string;
  readonly heartbeatAt: string;
  /** Negative: since when it has expired. */
  readonly expiresInMs: number;
}
