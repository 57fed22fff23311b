// A server on which everything that the program states of its sessions is set otherwise: for all accounts where the
// variable has a global value, and for those without SUPER by init_connect where it has none.

import { HOSTILE } from '../cases/session-variables/hostile.ts';
import type { ServerEndpoint } from './private-server.ts';

const ER_LOCAL_VARIABLE = 1228;
/** init_connect could set it only for accounts that may; for all others no connection would come about. */
const RESTRICTED = new Set(['sql_log_bin']);

/** Answers the names of those that it has set. `settings`: those of `HOSTILE`, but for what a test has no use for. */
export async function makeHostile(
  server: ServerEndpoint,
  settings: Readonly<Record<string, string>> = HOSTILE,
): Promise<string[]> {
  const rows = await server.query<{ Variable_name: string }>('SHOW SESSION VARIABLES');
  const present = new Set(rows.map(row => row.Variable_name.toLowerCase()));
  const names = Object.keys(settings).filter(name => present.has(name) && !RESTRICTED.has(name));
  const initial: string[] = [];
  for (const name of names) {
    const assignment = `${name} = ${settings[name]}`;
    try {
      await server.query(`SET GLOBAL ${assignment}`);
    } catch (error) {
      if ((error as { errno?: number }).errno !== ER_LOCAL_VARIABLE) throw error;
      initial.push(assignment);
    }
  }
  // By now a backslash may be no escape.
  const text = `SET SESSION ${initial.join(', ')}`.replaceAll("'", "''");
  await server.query(`SET GLOBAL init_connect = '${text}'`);
  return names;
}
