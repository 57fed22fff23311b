// What MariaDB and MySQL know of definitions, and since when. Only what a server of the supported versions (MariaDB 10.6,
// MySQL 8.0) may lack stands here.

import { isAtLeast, type ServerKind } from './server-kind.ts';

interface Since {
  readonly mariadb?: readonly number[];
  readonly mysql?: readonly number[];
}

const ALWAYS = [0];

export const FEATURES = {
  'columns of type UUID': { mariadb: [10, 7] },
  'columns of type INET4': { mariadb: [10, 10] },
  'columns of type INET6': { mariadb: ALWAYS },
  'columns of type XMLTYPE': { mariadb: [12, 3] },
  'columns of type VECTOR': { mariadb: [11, 7], mysql: [9, 0] },
  'invisible columns': { mariadb: ALWAYS, mysql: [8, 0, 23] },
  'ignored keys': { mariadb: ALWAYS, mysql: ALWAYS },
  'descending keys': { mariadb: [10, 8], mysql: ALWAYS },
  'keys over expressions': { mysql: [8, 0, 13] },
  'vector keys': { mariadb: [11, 7] },
  'unique keys over whole texts': { mariadb: ALWAYS },
  'keys over columns of length 0': { mariadb: ALWAYS },
  'keys WITHOUT OVERLAPS': { mariadb: ALWAYS },
  'parsers of full-text keys': { mysql: ALWAYS },
  'system versioning': { mariadb: ALWAYS },
  'application-time periods': { mariadb: ALWAYS },
  'compressed columns': { mariadb: ALWAYS },
  'reference systems of columns': { mysql: ALWAYS },
  'CHECKs that are not enforced': { mysql: [8, 0, 16] },
  'defaults that are expressions': { mariadb: ALWAYS, mysql: [8, 0, 13] },
  'primary keys over generated columns': { mysql: ALWAYS },
  'NOT NULL of generated columns': { mysql: ALWAYS },
  'partitions by system time': { mariadb: ALWAYS },
  'partitions of other engines than InnoDB': { mariadb: ALWAYS },
  'full-text keys of partitioned tables': { mariadb: ALWAYS },
} as const satisfies Readonly<Record<string, Since>>;

export type Feature = keyof typeof FEATURES;

export const hasFeature = (server: ServerKind, feature: Feature): boolean => has(server, FEATURES[feature]);

function has(server: ServerKind, since: Since): boolean {
  const from = since[server.flavour];
  return from !== undefined && isAtLeast(server, from);
}

/** Functions that not every server has. */
const FUNCTIONS: Readonly<Record<string, Since>> = {
  // MySQL's
  ...sinceAlways('mysql', [
    ...['uuid_to_bin', 'bin_to_uuid', 'is_uuid', 'json_storage_size', 'json_storage_free', 'regexp_like'],
    ...[
      'st_latitude',
      'st_longitude',
      'st_transform',
      'st_geohash',
      'st_latfromgeohash',
      'st_longfromgeohash',
    ],
    ...['st_pointfromgeohash', 'st_swapxy', 'st_validate', 'st_isvalid', 'st_makeenvelope', 'st_asgeojson'],
    ...['any_value', 'json_schema_validation_report', 'to_vector', 'string_to_vector', 'from_vector'],
    ...['vector_to_string', 'vector_dim', 'statement_digest', 'format_bytes', 'member', 'array', 'returning'],
  ]),
  json_overlaps: { mysql: ALWAYS, mariadb: [10, 9] },
  json_pretty: { mysql: ALWAYS, mariadb: [10, 10] },
  json_schema_valid: { mysql: ALWAYS, mariadb: [11, 1] },
  random_bytes: { mysql: ALWAYS, mariadb: [10, 10] },
  // MariaDB's
  ...sinceAlways('mariadb', [
    ...[
      'sys_guid',
      'json_detailed',
      'json_exists',
      'json_query',
      'json_compact',
      'json_loose',
      'json_equals',
    ],
    ...['column_get', 'column_create', 'column_add', 'column_delete', 'column_exists', 'column_list'],
    ...[
      'column_json',
      'column_check',
      'add_months',
      'chr',
      'nvl',
      'nvl2',
      'encrypt',
      'des_encrypt',
      'des_decrypt',
    ],
    ...['encode', 'decode', 'password', 'old_password', 'nextval', 'lastval', 'setval', 'to_char', 'lengthb'],
    ...['concat_operator_oracle', 'trim_oracle', 'substr_oracle', 'decode_oracle', 'replace_oracle'],
    ...['lpad_oracle', 'rpad_oracle', 'ltrim_oracle', 'rtrim_oracle', 'binlog_gtid_pos', 'natural_sort_key'],
  ]),
  natural_sort_key: { mariadb: [10, 7] },
  sformat: { mariadb: [10, 7] },
  json_normalize: { mariadb: [10, 7] },
  crc32c: { mariadb: [10, 8] },
  json_key_value: { mariadb: [11, 2] },
  json_object_to_array: { mariadb: [11, 2] },
  json_object_filter_keys: { mariadb: [11, 2] },
  json_array_intersect: { mariadb: [11, 2] },
  kdf: { mariadb: [11, 3] },
  uuid_v4: { mariadb: [11, 7] },
  uuid_v7: { mariadb: [11, 7] },
  vec_fromtext: { mariadb: [11, 7] },
  vec_totext: { mariadb: [11, 7] },
  vec_distance: { mariadb: [11, 7] },
  vec_distance_euclidean: { mariadb: [11, 7] },
  vec_distance_cosine: { mariadb: [11, 7] },
};

function sinceAlways(flavour: ServerKind['flavour'], names: readonly string[]): Record<string, Since> {
  return Object.fromEntries(names.map(name => [name, { [flavour]: ALWAYS }]));
}

/** Of a function that stands nowhere here: every server is taken to have it. */
export function hasFunction(server: ServerKind, name: string): boolean {
  return !Object.hasOwn(FUNCTIONS, name) || has(server, FUNCTIONS[name]!);
}

/** Options of tables that both flavours take and keep; of the others each takes its own. */
export const COMMON_OPTIONS = new Set([
  ...[
    'engine',
    'auto_increment',
    'charset',
    'collate',
    'comment',
    'row_format',
    'key_block_size',
    'checksum',
  ],
  ...['delay_key_write', 'max_rows', 'min_rows', 'avg_row_length', 'pack_keys', 'stats_persistent'],
  ...['stats_auto_recalc', 'stats_sample_pages', 'insert_method', 'union'],
  // Left out on the way to any server.
  ...['data directory', 'index directory', 'connection', 'tablespace'],
]);
