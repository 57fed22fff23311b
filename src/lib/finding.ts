/** What a check found: of the configuration, of a server, of a plan. */
export interface Finding {
  readonly code: string;
  /** Only `failed` stands in the way. */
  readonly outcome: 'passed' | 'warning' | 'failed';
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}
