// The one error class and its catalogue. Every failure that the program understands is a MigrationError with a
// code from CATALOGUE; anything else that reaches the top is our bug (stack, exit 1).
//
// Errors are classified once, at the border where they come in (mysql/classify.ts, ...), by driver code and
// never by message text.

/** How much an error spoils. `attempt`: try the step again. `site`: give up this site, go on with the others.
 *  `migration`: start nothing more, drain, stop. */
export type ErrorScope = 'attempt' | 'site' | 'migration';

/** Process exit codes. This table generates `--help` and the README; scripts depend on it: never renumber. */
export const EXIT_CODES = {
  ok: { exitCode: 0, meaning: 'all done' },
  bug: { exitCode: 1, meaning: 'a bug in wfuwp itself' },
  usage: { exitCode: 2, meaning: 'usage: a wrong flag or argument, or a prompt needed without a terminal' },
  partial: {
    exitCode: 3,
    meaning:
      'finished, but not all is well: a site is not migrated, or a proof, probe, hook or cache flush failed',
  },
  refused: { exitCode: 4, meaning: 'preflight refused, nothing changed' },
  notFound: { exitCode: 10, meaning: 'migration not found or unreadable' },
  locked: { exitCode: 11, meaning: 'locked: another run is working on this target' },
  configuration: { exitCode: 12, meaning: 'configuration or credentials' },
  lost: { exitCode: 20, meaning: 'source or target lost in mid-run; the run can be resumed' },
  interrupted: { exitCode: 130, meaning: 'interrupted and drained; the run can be resumed' },
} as const;

export type ExitName = keyof typeof EXIT_CODES;

interface CatalogueEntry {
  readonly scope: ErrorScope;
  readonly exit: ExitName;
  /** Default next action; the place that throws may know a better one. */
  readonly hint: string;
}

/** Every error code of the program. The first block are the failure classes that spec and summary speak of. */
export const CATALOGUE = {
  timeout: {
    scope: 'site',
    exit: 'lost',
    hint: 'Give the site more time: --timeout MINUTES, then --resume ID --retry-failed.',
  },
  stalled: {
    scope: 'attempt',
    exit: 'lost',
    hint: 'Look at the load and the locks of both servers, then --resume ID --retry-failed.',
  },
  connection: {
    scope: 'attempt',
    exit: 'lost',
    hint: 'Check that the database server is up and reachable, then --resume ID.',
  },
  lock: {
    scope: 'attempt',
    exit: 'lost',
    hint: 'Look for long-running queries on the target (SHOW PROCESSLIST), then --resume ID --retry-failed.',
  },
  access: {
    scope: 'site',
    exit: 'configuration',
    hint: 'Grant the missing right (wfuwp config check lists what is needed).',
  },
  space: {
    scope: 'migration',
    exit: 'lost',
    hint: 'Free space on the server or disk that is full, then --resume ID.',
  },
  packet_too_large: {
    scope: 'site',
    exit: 'lost',
    hint: 'Raise max_allowed_packet on the target, then --resume ID --retry-failed.',
  },
  data: {
    scope: 'site',
    exit: 'lost',
    hint: 'Look at the value that is named, on the source; then --resume ID --retry-failed.',
  },
  schema: {
    scope: 'site',
    exit: 'lost',
    hint: 'Compare the table definition on source and target; then --resume ID --retry-failed.',
  },
  foreign_table: {
    scope: 'site',
    exit: 'refused',
    hint: 'Move the table away or name other databases (staging, previous), then --resume ID --retry-failed.',
  },
  hook: {
    scope: 'site',
    exit: 'partial',
    hint: 'What the command printed is in migration-progress.log. Fix it, then --resume ID --retry-failed.',
  },
  verification: {
    scope: 'site',
    exit: 'lost',
    hint: 'The site was not swapped in. --resume ID --retry-failed copies it again.',
  },
  unknown: {
    scope: 'site',
    exit: 'lost',
    hint: 'Read migration-progress.log of the run; please report this case.',
  },

  too_many_failures: {
    scope: 'migration',
    exit: 'partial',
    hint: 'Fix the cause, then --resume ID --retry-failed.',
  },
  interrupted: { scope: 'migration', exit: 'interrupted', hint: 'Continue with --resume ID.' },
  identity: {
    scope: 'migration',
    exit: 'lost',
    hint: 'Correct host, port and name of the environment in the configuration file, then --resume ID.',
  },
  locked: { scope: 'migration', exit: 'locked', hint: 'Wait for the other run to end.' },
  usage: { scope: 'migration', exit: 'usage', hint: 'See --help.' },
  preflight_refused: {
    scope: 'migration',
    exit: 'refused',
    hint: 'Fix the findings above and start again; nothing was changed.',
  },
  migration_not_found: {
    scope: 'migration',
    exit: 'notFound',
    hint: 'List the runs with: wfuwp env-migrate --list-migrations',
  },
  migration_unreadable: { scope: 'migration', exit: 'notFound', hint: 'Look at the named file.' },
  config_not_found: { scope: 'migration', exit: 'configuration', hint: 'Make one with: wfuwp config init' },
  config_invalid: {
    scope: 'migration',
    exit: 'configuration',
    hint: 'Fix the file, then: wfuwp config check',
  },
  unknown_environment: {
    scope: 'migration',
    exit: 'configuration',
    hint: 'See the names under "environments" in the configuration file.',
  },
  credentials: {
    scope: 'migration',
    exit: 'configuration',
    hint: 'Check user and password of the environment in the configuration file.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof CATALOGUE;

/** One line, or several. Only the program itself begins a line: a line break within one of them came with the name of
 *  something, and is shown as `\n`. */
export type ErrorText = string | readonly string[];

export interface MigrationErrorOptions {
  /** The next command to type or thing to do. Default: the catalogue's. */
  readonly hint?: ErrorText;
  readonly scope?: ErrorScope;
  readonly exit?: ExitName;
  /** Facts for the journal and `--json`: plain JSON, never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** A failure that the program understands. The message says what was being done, to what, and why it failed. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code: ErrorCode;
  readonly scope: ErrorScope;
  readonly exit: ExitName;
  readonly hint: string;
  /** The lines of message and hint. */
  readonly lines: readonly string[];
  readonly hintLines: readonly string[];
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: ErrorText, options: MigrationErrorOptions = {}) {
    const lines = typeof message === 'string' ? [message] : message;
    super(lines.join('\n'), options.cause === undefined ? undefined : { cause: options.cause });
    const entry = CATALOGUE[code];
    const hint = options.hint ?? entry.hint;
    this.lines = lines;
    this.hintLines = typeof hint === 'string' ? [hint] : hint;
    this.code = code;
    this.scope = options.scope ?? entry.scope;
    this.exit = options.exit ?? entry.exit;
    this.hint = this.hintLines.join('\n');
    this.details = options.details ?? {};
  }

  get exitCode(): number {
    return EXIT_CODES[this.exit].exitCode;
  }
}

/** Plain-JSON form of an error, as it stands in journal, state and `--json` output. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly message: string;
  readonly scope: ErrorScope;
  readonly hint: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** Where it is not the code's own. */
  readonly exit?: ExitName;
}

/** Anything that was thrown, as a record. What is no MigrationError becomes `unknown` with its own message. */
export function toErrorRecord(error: unknown): ErrorRecord {
  const known =
    error instanceof MigrationError
      ? error
      : new MigrationError('unknown', error instanceof Error ? error.message : String(error));
  const { code, message, scope, hint, details, exit } = known;
  return {
    ...{ code, message, scope, hint },
    ...(Object.keys(details).length > 0 ? { details } : {}),
    ...(exit === CATALOGUE[code].exit ? {} : { exit }),
  };
}
