// What our statements mean where a server, an account or init_connect may have set it otherwise. Every session variable
// that can change a definition, a row, or what becomes of a statement stands here with the value that our sessions
// have; why all the others don't matter is in test/cases/session-variables, and a test fails for one that is in
// neither place. See docs/decisions/0015-one-session-fully-stated.md.
//
// Values are as SET takes them. A variable that a server doesn't know is passed over.

export type SessionRole = 'source' | 'target';

type Settings = Readonly<Record<string, string>>;

/** How long either server waits for a side that is paused because the other one is busy. Too short cuts off copies
 *  to a slow target; too long keeps a dead client's snapshot open. */
const NET_TIMEOUT_S = '3600';

/** Metadata and row locks on the target. Too short fails on a passing backup, too long hangs a cutover. */
export const LOCK_WAIT_TIMEOUT_S = 60;

const NO_LIMIT = '18446744073709551615';

const COMMON: Settings = {
  // When a statement's work is done, and what it has seen. With autocommit off no heartbeat of the lease would ever be
  // committed. READ COMMITTED can't be written to a log of statements.
  autocommit: 'ON',
  completion_type: "'NO_CHAIN'",
  tx_isolation: "'REPEATABLE-READ'",
  transaction_isolation: "'REPEATABLE-READ'",
  system_versioning_asof: 'DEFAULT',
  use_secondary_engine: "'OFF'",
  wsrep_dirty_reads: 'OFF',

  // What is allowed, for how long, and how much.
  sql_safe_updates: 'OFF',
  sql_big_selects: 'ON',
  net_read_timeout: NET_TIMEOUT_S,
  net_write_timeout: NET_TIMEOUT_S,
  wait_timeout: '28800',
  idle_transaction_timeout: '0',
  idle_readonly_transaction_timeout: '0',
  idle_write_transaction_timeout: '0',
  // It would keep a whole table before its first row comes.
  sql_buffer_result: 'OFF',

  // What expressions give: in our own statements, in generated columns, DEFAULT and CHECK.
  time_zone: "'+00:00'",
  timestamp: 'DEFAULT',
  sql_auto_is_null: 'OFF',
  div_precision_increment: '4',
  default_week_format: '0',
  lc_time_names: "'en_US'",
  block_encryption_mode: "'aes-128-ecb'",
  default_regex_flags: "''",
  max_sort_length: '1024',
  group_concat_max_len: '1048576',
  old: 'OFF',
  old_mode: "'UTF8_IS_UTF8MB3'",

  // What the server tells of tables and plans, and that notes are counted.
  sql_quote_show_create: 'ON',
  show_create_table_verbosity: 'OFF',
  show_create_table_skip_secondary_engine: 'OFF',
  show_gipk_in_create_table_and_information_schema: 'ON',
  show_old_temporals: 'OFF',
  information_schema_stats_expiry: '0',
  explain_format: "'TRADITIONAL'",
  sql_notes: 'ON',
  note_verbosity: "'basic'",
};

const SOURCE: Settings = {
  ...COMMON,
  tx_read_only: 'ON',
  transaction_read_only: 'ON',
};

const TARGET: Settings = {
  ...COMMON,
  tx_read_only: 'OFF',
  transaction_read_only: 'OFF',

  // Rows come as they are, in whatever order.
  foreign_key_checks: 'OFF',
  // Off made loading slower.
  unique_checks: 'ON',
  // Only MariaDB would check constraints that were added after the rows.
  check_constraint_checks: 'OFF',
  lock_wait_timeout: String(LOCK_WAIT_TIMEOUT_S),
  innodb_lock_wait_timeout: String(LOCK_WAIT_TIMEOUT_S),

  // What a definition means where it doesn't say.
  default_storage_engine: "'InnoDB'",
  character_set_collations: "''",
  innodb_compression_default: 'OFF',
  mhnsw_default_m: '6',
  mhnsw_default_distance: "'euclidean'",
  system_versioning_alter_history: "'KEEP'",
  alter_algorithm: "'DEFAULT'",
  // With an IF EXISTS that nobody wrote, a cutover wouldn't fail for want of its fence.
  sql_if_exists: 'OFF',
  // RSU would change this node of a Galera cluster alone.
  wsrep_osu_method: "'TOI'",
};

/** MySQL's may be set by few, and refuses nothing that another would take. */
const TARGET_MARIADB: Settings = { innodb_strict_mode: 'OFF' };

export const SETTINGS = {
  source: { mariadb: SOURCE, mysql: SOURCE },
  target: { mariadb: { ...TARGET, ...TARGET_MARIADB }, mysql: TARGET },
} as const satisfies Record<SessionRole, Record<'mariadb' | 'mysql', Settings>>;

/** Set before all others are asked for: with another sql_mode, or a limit of rows, time or memory, the answer would be another.
 *  What the session is sent and sends back is UTF-8, and what it is sent of tables stays as it is stored.
 *
 *  Zero dates pass because no strict mode and no NO_ZERO_DATE is named; ALLOW_INVALID_DATES keeps 2010-02-31 where a
 *  source allowed it. What that lets the server alter is caught by counting warnings, see loader.ts. */
export const FIRST_SETTINGS: Readonly<Record<SessionRole, Settings>> = {
  source: { sql_mode: '0' },
  target: { sql_mode: "'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'" },
};
export const FIRST_OF_ALL: Settings = {
  character_set_client: "'utf8mb4'",
  collation_connection: "'utf8mb4_general_ci'",
  character_set_results: 'NULL',
  sql_select_limit: NO_LIMIT,
};

/** Of the flavour that the comment is for: `/*!80000` is for MySQL 8 and later (MariaDB skips 50700 to 99999), `/*M!` for
 *  MariaDB alone. */
export const NO_LIMITS =
  '/*!80000 , max_execution_time = 0 */ /*M! , max_statement_time = 0, max_session_mem_used = 9223372036854775807 */';

export interface GuardedSetting {
  readonly sql: string;
  /** What it means to have another value, for people; null: the server then refuses by itself what it would change. */
  readonly otherwise: string | null;
}

/** Some servers let only a few set these, or nobody. */
export const GUARDED: Readonly<Record<SessionRole, Readonly<Record<string, GuardedSetting>>>> = {
  source: {},
  target: {
    explicit_defaults_for_timestamp: {
      sql: 'ON',
      otherwise:
        'the server gives columns of the type TIMESTAMP NOT NULL without a default one of its own, and has the first ' +
        'of a table follow each UPDATE',
    },
    enforce_storage_engine: {
      sql: 'NULL',
      otherwise: 'the server makes every table with that storage engine, whatever its definition says',
    },
    sql_generate_invisible_primary_key: {
      sql: 'OFF',
      otherwise:
        'tables without a primary key get an invisible column my_row_id that the source does not have',
    },
    sql_log_bin: {
      sql: 'ON',
      otherwise: 'what the run writes is in no binary log, so that no replica of the target gets it',
    },
    skip_replication: {
      sql: 'OFF',
      otherwise: 'replicas of the target may leave out what the run writes',
    },
    // A MariaDB of any age, and a MySQL before 8, mean this collation where a definition names only the character set.
    // MySQL 8 names its own wherever it means that.
    default_collation_for_utf8mb4: { sql: "'utf8mb4_general_ci'", otherwise: null },
    restrict_fk_on_non_standard_key: { sql: 'OFF', otherwise: null },
  },
};
