// Any error of the database driver → a MigrationError of one of the failure classes. Decided by the server's error
// number or the driver's code, never by message text, which changes with version and language.

import { type ErrorCode, MigrationError } from '../errors.ts';
import { maskLongSecrets } from '../lib/mask-secrets.ts';

type Members = readonly (number | string)[];

/** Numbers below 200 come from the server's file layer and engines, 1000 to 1899 are common to both flavours, 1900 to
 *  1999 and 4000 up are MariaDB's except where noted, 3000 to 3999 MySQL's; 2000 to 2099 are the client's. What isn't
 *  here is `unknown`; so are 1030 and 1815, whose cause stands in their text alone. */
// biome-ignore format: one line for one reason
const CLASSES: Readonly<Partial<Record<ErrorCode, readonly Members[]>>> = {
  // The server ended a statement for running too long: max_statement_time, max_execution_time.
  timeout: [[1969, 3024]],

  connection: [
    // Nobody there, no way to it, or the line broke.
    ['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOENT', 'ENOTFOUND', 'EAI_AGAIN'],
    ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL', 'EMFILE', 'ENFILE'],
    ['PROTOCOL_CONNECTION_LOST', 'PROTOCOL_ERROR', 'PROTOCOL_UNEXPECTED_PACKET', 'PROTOCOL_SEQUENCE_TIMEOUT'],
    ['ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_SOCKET_CLOSED'],
    [1042, 1043, 1081, 1152, 1154, 1155, 1156, 1157, 1158, 1159, 1160, 1161, 1184, 1835],
    [2002, 2003, 2005, 2006, 2012, 2013, 2014, 2026, 2027, 2055],
    // No place for another connection: of the server, of this user, of its threads; or our host is blocked.
    [1040, 1129, 1135, 1203, 1226, 1461, 3168],
    // Going down or coming up; MySQL in offline mode.
    [1053, 1077, 1078, 1079, 1080, 3032, 3169],
    // A failover's moments: it takes no writes while another takes over, or is the old primary; a node of a cluster that
    // isn't ready; a proxy (ProxySQL, RDS) that has no server behind it.
    [1047, 1290, 1836, 1874, 3797, 3798, 9001, 9002, 9501],
    // The nodes of a cluster couldn't agree in time on a transaction, or it is too large for them.
    [1180, 3100],
    // Our query or connection was killed; or cut off for being idle (4031 is MySQL's).
    [1317, 1927, 4031],
  ],

  lock: [
    // Metadata and row locks, LOCK TABLES, deadlocks, NOWAIT, a lock table or transaction slots used up.
    [40, 146, 149, 203, 1015, 1099, 1100, 1192, 1205, 1206, 1213, 1223, 1613, 1614, 1637, 1689, 1725],
    [3058, 3132, 3572, 4020],
    // The record or the table's definition changed below our snapshot; another node of a cluster was faster.
    [1020, 1412, 3101],
  ],

  credentials: [
    // Not let in: password, host, expired or locked account, a method of login that one side doesn't have.
    [1045, 1130, 1251, 1275, 1524, 1698, 1820, 1862, 1873, 2049, 2059, 2061, 3118, 3159, 3878, 3955, 4151],
    ['AUTH_SWITCH_PLUGIN_ERROR', 'HANDSHAKE_NO_SSL_SUPPORT', 'HANDSHAKE_SSL_ERROR'],
    // The server's certificate.
    ['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'CERT_NOT_YET_VALID'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ],

  access: [
    // A right is missing on a database, table, column, routine, view or variable; or to end a thread not ours.
    [1044, 1095, 1142, 1143, 1211, 1227, 1345, 1370, 1410, 1419, 3530, 3619],
    // The table, database or transaction is read-only, or the server shields itself: forced recovery.
    [1036, 1207, 1792, 1881, 3573, 3989],
    // LOAD DATA LOCAL is switched off.
    [1148, 3948, 4166],
  ],

  // Disk, table space, log, temporary space, memory, file handles.
  space: [
    [3, 5, 20, 23, 24, 28, 35, 128, 135, 136, 189, 194, 204, 'ENOSPC', 'EDQUOT'],
    [1021, 1026, 1037, 1038, 1041, 1114, 1197, 1534, 1705, 1799, 1811, 1878, 3019, 3183, 3634],
  ],

  // A statement, row or function result above max_allowed_packet.
  packet_too_large: [[1153, 1162, 1301, 2020]],

  data: [
    // Duplicate keys.
    [121, 141, 1022, 1062, 1169, 1557, 1569, 1586, 1761, 1762, 1859],
    // A value that doesn't fit or isn't one: range, length, dates, numbers, bytes of the character set, NULL, JSON.
    [1048, 1264, 1265, 1292, 1300, 1364, 1365, 1366, 1367, 1406, 1411, 1416, 1441, 1467, 1525, 1690, 1977],
    [3140, 3141, 3144, 3156, 3157, 3516, 3617, 3903, 4037, 4038, 4079],
    // A row with too few or too many values, NULL for NOT NULL.
    [1136, 1261, 1262, 1263],
    // A value given for a generated column.
    [1906, 3105],
    // Constraints: foreign keys, CHECK (4025 MariaDB, 3819 MySQL), views, partitions.
    [1216, 1217, 1369, 1451, 1452, 1526, 1591, 1748, 1863, 3819, 4025],
    // The table's own file is damaged.
    [126, 127, 144, 145, 180, 195, 1032, 1034, 1035, 1194, 1195, 1712, 1817, 1877],
  ],

  schema: [
    // Something isn't there, or is there already: database, table, column, key, tablespace, function.
    [1005, 1006, 1007, 1008, 1016, 1017, 1025, 1029, 1046, 1049, 1050, 1051, 1054, 1072, 1082, 1091, 1109, 1146],
    [1176, 1305, 1356, 1812, 1813, 1814],
    // A statement or definition the server doesn't take: names, types, defaults, keys, sizes, comments.
    [1059, 1060, 1061, 1063, 1064, 1067, 1068, 1069, 1070, 1071, 1073, 1074, 1075, 1089, 1097, 1101, 1102, 1103],
    [1110, 1113, 1117, 1118, 1121, 1149, 1163, 1164, 1166, 1167, 1170, 1171, 1173, 1214, 1252, 1280, 1283, 1291],
    [1293, 1294, 1425, 1426, 1427, 1439, 1464, 1470, 1628, 1629, 1688, 1709, 1713, 1808, 1818, 1860, 3057, 3522, 3750, 3754],
    // Character sets and collations: unknown here, or not to be mixed.
    [1115, 1253, 1267, 1270, 1271, 1273, 1302, 1918, 3721],
    // Engines, row formats, features and variables that this server doesn't have.
    [1031, 1112, 1193, 1231, 1235, 1286, 1289, 1347, 1435, 1478, 1707, 1726, 1911, 1912, 3098, 4161],
    // Foreign keys that can't be made.
    [150, 1215, 1239, 1506, 1701, 1821, 1822, 1823, 1824, 1825, 1826, 1830, 3730, 3734, 3780],
    // Partitions, generated columns, CHECK expressions.
    [1481, 1486, 1492, 1493, 1503, 1564, 1659, 1901, 1903, 1904, 1905, 1907, 1908, 1909, 1910],
    [3102, 3106, 3109, 3770, 3774, 3813, 3814, 3815],
  ],
};

const CODE_OF = new Map(
  Object.entries(CLASSES).flatMap(([code, lines]) => lines.flat().map(member => [member, code as ErrorCode])),
);

/** `doing` says what was being done to what: `copying wp_4_posts`. A MigrationError passes through untouched. */
export function classifyDatabaseError(error: unknown, doing: string): MigrationError {
  if (error instanceof MigrationError) return error;
  const { errno, code, sqlState, fatal } = (error ?? {}) as Record<
    'errno' | 'code' | 'sqlState' | 'fatal',
    unknown
  >;
  // A statement on a connection that was lost while nothing ran: the driver gives it neither number nor code.
  const isLost = fatal === true && errno === undefined && code === undefined;
  // A server's error has a positive number; the operating system's has a negative one and a code.
  const known = isLost ? 'connection' : (find(errno) ?? find(code) ?? 'unknown');
  const server = (error as { server?: unknown } | null)?.server;
  const details = Object.entries({ errno, code, sqlState, server }).filter(
    ([, value]) => value !== undefined,
  );
  const where = typeof server === 'string' && !doing.includes(server) ? ` on ${server}` : '';
  return new MigrationError(known, `${capitalize(doing)}${where} failed: ${describeReason(error, code)}`, {
    ...adviseOn(known, { errno, system: code, server }),
    details: Object.fromEntries(details),
    cause: error,
  });
}

/** Numbers of servers that answer, but take no writes. */
const READ_ONLY: readonly unknown[] = [1290, 1836, 1874];

function adviseOn(
  code: ErrorCode,
  { errno, system, server }: Record<'errno' | 'system' | 'server', unknown>,
): { hint?: string } {
  const whose = typeof server === 'string' ? server : 'the server';
  if (code === 'credentials' && server !== undefined)
    return {
      hint: `Check or renew user and password of ${whose} in the configuration file. A run that this has stopped goes on with --resume ID.`,
    };
  if (system === 'EMFILE' || system === 'ENFILE')
    return {
      hint: 'Too many files are open here: raise the limit (ulimit -n), then the same command again.',
    };
  if (READ_ONLY.includes(errno))
    return {
      hint: `See why ${whose} takes no writes (read_only, an old primary, a replica), and that the primary answers at its address; then --resume ID.`,
    };
  return {};
}

function find(member: unknown): ErrorCode | undefined {
  return typeof member === 'number' || typeof member === 'string' ? CODE_OF.get(member) : undefined;
}

function describeReason(error: unknown, code: unknown): string {
  if (!(error instanceof Error)) return maskLongSecrets(String(error));
  // Several addresses tried in vain give an error without a message of its own.
  return maskLongSecrets(error.message) || (typeof code === 'string' ? code : error.name);
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
