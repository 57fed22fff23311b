// Every session variable is stated by the program or said not to matter, and what is stated holds on real servers
// whose administrators have set all of it otherwise (F03, F07, F19).

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectSource, connectTarget, type ServerAddress } from '../../src/mysql/client.ts';
import { FIRST_OF_ALL, FIRST_SETTINGS, GUARDED, NO_LIMITS, SETTINGS, type SessionRole } from '../../src/mysql/session-variables.ts';
import { HOSTILE } from '../cases/session-variables/hostile.ts';
import { UNSTATED } from '../cases/session-variables/unstated.ts';
import { makeHostile } from '../support/hostile-server.ts';
import { startMariadbServer } from '../support/mariadb-server.ts';
import { startMysqlServer, whyNoMysql } from '../support/mysql-server.ts';
import type { PrivateServer } from '../support/private-server.ts';

const ER_INCORRECT_GLOBAL_LOCAL_VAR = 1238;

const LIMITS = {
  max_execution_time: '0',
  max_statement_time: '0',
  max_session_mem_used: '9223372036854775807',
};

function listStated(role: SessionRole, flavour: 'mariadb' | 'mysql'): Record<string, string> {
  const guarded = Object.entries(GUARDED[role]).map(([name, { sql }]) => [name, sql]);
  return {
    ...FIRST_OF_ALL,
    ...FIRST_SETTINGS[role],
    ...LIMITS,
    ...SETTINGS[role][flavour],
    ...Object.fromEntries(guarded),
  };
}

const FLAVOURS = ['mariadb', 'mysql'] as const;
const ROLES = ['source', 'target'] as const;
const STATED = new Set(ROLES.flatMap(role => FLAVOURS.flatMap(it => Object.keys(listStated(role, it)))));
const LEFT = new Set(Object.values(UNSTATED).flat());

const FOLDER = join(import.meta.dirname, '../cases/session-variables');
const SERIES = readdirSync(FOLDER)
  .filter(file => file.endsWith('.txt'))
  .map(
    file =>
      [file.slice(0, -'.txt'.length), readFileSync(join(FOLDER, file), 'utf8').trim().split(/\s+/)] as const,
  );

const findUnjudged = (names: readonly string[]): string[] =>
  names.filter(name => !STATED.has(name) && !LEFT.has(name));

describe('what is written down', () => {
  it.each(SERIES)('judges every session variable of %s', (_, names) => {
    expect(names.length).toBeGreaterThan(150);
    expect(findUnjudged(names)).toEqual([]);
  });

  it('states no variable that it also leaves, but for one that only MariaDB lets everybody set', () => {
    expect([...STATED].filter(name => LEFT.has(name))).toEqual(['innodb_strict_mode']);
  });

  it('leaves and states none that no series has', () => {
    const known = new Set(SERIES.flatMap(([, names]) => names));
    expect([...LEFT, ...STATED].filter(name => !known.has(name))).toEqual([]);
  });

  it('has a hostile value for each that is stated, and for no other', () => {
    expect(Object.keys(HOSTILE).toSorted()).toEqual([...STATED].toSorted());
  });

  it('ends the limits that one make has', () => {
    for (const [name, value] of Object.entries(LIMITS)) expect(NO_LIMITS).toContain(` ${name} = ${value}`);
  });
});

const MAKES = [
  { make: 'MariaDB', start: startMariadbServer, flavour: 'mariadb', fixed: ['enforce_storage_engine'] },
  {
    make: 'MySQL',
    start: startMysqlServer,
    flavour: 'mysql',
    fixed: ['sql_generate_invisible_primary_key'],
  },
] as const;

describe.each(MAKES)('a session on a hostile $make', ({ make, start, flavour, fixed }) => {
  const why = make === 'MySQL' ? whyNoMysql : '';
  let server: PrivateServer;
  let user: ServerAddress;
  let root: ServerAddress;
  let names: string[];
  let set: string[];
  beforeAll(async () => {
    if (why) return;
    server = await start();
    await server.query("CREATE USER plain@localhost IDENTIFIED BY 'plain-pw'");
    user = { label: 'server', socketPath: server.socketPath, user: 'plain', password: 'plain-pw' };
    root = { ...user, user: 'root', password: '' };
    names = await listSessionVariables(root);
    set = await makeHostile(server);
  });
  afterAll(() => server?.stop());

  it.skipIf(why)(`knows every session variable that there is${why}`, () => {
    expect(names.length).toBeGreaterThan(150);
    expect(findUnjudged(names)).toEqual([]);
  });

  it.skipIf(why)(`has what the program states, in either role and for any account${why}`, async () => {
    expect(set.length).toBeGreaterThan(40);
    for (const role of ROLES) {
      for (const address of [user, root]) {
        await using connection = await (role === 'source' ? connectSource(address) : connectTarget(address));
        const unsettled = connection.unsettled.map(({ name }) => name);
        expect(unsettled).toEqual(role === 'target' && address === user ? fixed : []);
        const rows = await connection.query<{ Variable_name: string; Value: string }>(
          'SHOW SESSION VARIABLES',
        );
        const values = new Map(rows.map(row => [row.Variable_name.toLowerCase(), row.Value ?? '']));
        const stated = Object.entries(listStated(role, flavour)).filter(
          ([name]) => values.has(name) && !unsettled.includes(name) && name !== 'timestamp',
        );
        expect(stated.length).toBeGreaterThan(30);
        const own = Object.fromEntries(stated.map(([name, sql]) => [name, show(name, sql)]));
        expect(Object.fromEntries(stated.map(([name]) => [name, simplify(values.get(name)!)]))).toEqual(own);
        expect(Number(values.get('timestamp'))).toBeGreaterThan(1_700_000_000);
        expect(values.get('character_set_connection')).toBe('utf8mb4');
      }
    }
  });
});

/** As SHOW VARIABLES shows it. */
function show(name: string, sql: string): string {
  if (sql === 'NULL' || (name === 'sql_mode' && sql === '0')) return '';
  return sql.replaceAll(/^'|'$/g, '');
}

const simplify = (value: string): string => value.replace(/^0\.0+$/, '0');

async function listSessionVariables(address: ServerAddress): Promise<string[]> {
  await using connection = await connectSource(address);
  const rows = await connection.query<{ Variable_name: string }>('SHOW SESSION VARIABLES');
  const names: string[] = [];
  for (const { Variable_name: name } of rows) {
    const hasSessionValue = await connection.query(`SELECT @@SESSION.\`${name}\``).then(
      () => true,
      (error: { errno: number }) => {
        // Any other would be a fault of the question.
        expect(error.errno).toBe(ER_INCORRECT_GLOBAL_LOCAL_VAR);
        return false;
      },
    );
    if (hasSessionValue) names.push(name.toLowerCase());
  }
  return names;
}
