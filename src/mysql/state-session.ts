// Has a session mean what our statements mean, whatever the server, the account or init_connect has set.

import {
  FIRST_OF_ALL,
  FIRST_SETTINGS,
  GUARDED,
  NO_LIMITS,
  SETTINGS,
  type SessionRole,
} from './session-variables.ts';

/** A variable that keeps a value which isn't ours. */
export interface UnsettledVariable {
  readonly name: string;
  /** As the server shows it. */
  readonly value: string;
  readonly wanted: string;
  /** What that means, for people. */
  readonly meaning: string;
}

export interface SessionFacts {
  readonly unsettled: readonly UnsettledVariable[];
  /** The server keeps a binary log of statements, in which some of them can't stand. */
  readonly logsStatements: boolean;
  /** Variables as the server had them before; by their names in lower case. */
  readonly shown: ReadonlyMap<string, string>;
}

/** What can be asked and told over a connection. */
interface Session {
  query<T>(sql: string): Promise<T[]>;
  execute(sql: string): Promise<unknown>;
}

type Setting = readonly [name: string, sql: string];

/** Three round trips: what the answer depends on, which variables there are and what they hold, those that differ. One
 *  more where a guarded one differs. Rejects with the driver's error. */
export async function stateSession(session: Session, role: SessionRole): Promise<SessionFacts> {
  const first = Object.entries({ ...FIRST_OF_ALL, ...FIRST_SETTINGS[role] });
  await session.execute(`${buildSet(first)} ${NO_LIMITS}`);
  const shown = await readVariables(session, role);
  const flavour = /mariadb/i.test(shown.get('version') ?? '') ? 'mariadb' : 'mysql';
  const differing = findDiffering(Object.entries(SETTINGS[role][flavour]), shown);
  if (differing.length > 0) await session.execute(buildSet(differing));
  return {
    unsettled: await setGuarded(session, role, shown),
    logsStatements: shown.get('log_bin') === 'ON' && shown.get('binlog_format') === 'STATEMENT',
    shown,
  };
}

async function readVariables(session: Session, role: SessionRole): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query<{ Variable_name: string; Value: string | null }>(SHOW[role]);
  return new Map(rows.map(row => [row.Variable_name.toLowerCase(), row.Value ?? '']));
}

const SHOW = { source: buildShow('source'), target: buildShow('target') };

function buildShow(role: SessionRole): string {
  const { mariadb, mysql } = SETTINGS[role];
  const asked = ['version', 'log_bin', 'binlog_format', 'max_connections', 'max_user_connections'];
  const names = new Set([...asked, ...Object.keys({ ...mariadb, ...mysql, ...GUARDED[role] })]);
  return `SHOW SESSION VARIABLES WHERE Variable_name IN ('${[...names].join("', '")}')`;
}

/** Those that the server has, and otherwise. */
function findDiffering(settings: readonly Setting[], shown: ReadonlyMap<string, string>): Setting[] {
  return settings.filter(([name, sql]) => shown.has(name) && shown.get(name) !== showValue(sql));
}

/** As SHOW VARIABLES prints it. One that it prints otherwise is set once more, which does no harm. */
function showValue(sql: string): string {
  return sql === 'NULL' ? '' : sql.replaceAll(/^'|'$/g, '');
}

function buildSet(settings: readonly Setting[]): string {
  return `SET SESSION ${settings.map(([name, sql]) => `${name} = ${sql}`).join(', ')}`;
}

async function setGuarded(
  session: Session,
  role: SessionRole,
  shown: ReadonlyMap<string, string>,
): Promise<UnsettledVariable[]> {
  const guarded = GUARDED[role];
  const differing = findDiffering(
    Object.entries(guarded).map(([name, { sql }]) => [name, sql]),
    shown,
  );
  if (differing.length === 0 || (await trySet(session, differing))) return [];
  const unsettled: UnsettledVariable[] = [];
  for (const [name, sql] of differing) {
    if (await trySet(session, [[name, sql]])) continue;
    const meaning = guarded[name]?.otherwise;
    if (meaning == null) continue;
    unsettled.push({ name, value: shown.get(name) ?? '', wanted: showValue(sql), meaning });
  }
  return unsettled;
}

/** A right is missing, it is read-only, has no value for a session or not this one, or there is none of the name. */
const REFUSALS = new Set([1193, 1227, 1229, 1231, 1232, 1238, 1621]);

/** False: the server doesn't let it be set. */
async function trySet(session: Session, settings: readonly Setting[]): Promise<boolean> {
  try {
    await session.execute(buildSet(settings));
    return true;
  } catch (error) {
    if (REFUSALS.has((error as { errno: number }).errno)) return false;
    throw error;
  }
}
