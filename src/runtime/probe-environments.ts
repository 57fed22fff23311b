// What `config check` asks of the servers: of each environment alone, and of two as source and target.

import { isProtected } from '../config/review-environments.ts';
import type { Config, Environment } from '../config/schema.ts';
import type { ErrorCode } from '../errors.ts';
import type { Finding } from '../lib/finding.ts';
import { newMigrationId } from '../migration/run-directory.ts';
import { classifyDatabaseError } from '../mysql/classify.ts';
import { connectTarget } from '../mysql/client.ts';
import { readServer } from '../mysql/read-server.ts';
import { spellName } from '../mysql/spell-names.ts';
import { checkConnection } from '../phases/check-connection.ts';
import { judgeRights } from '../phases/judge-rights.ts';
import { type PlanOptions, planRun } from '../runtime.ts';
import { reachServer } from './reach-server.ts';

/** For `config check`: can this environment be reached, and what may its user do there? */
export async function probeEnvironment(
  config: Config,
  environment: Environment,
): Promise<readonly Finding[]> {
  const { database } = environment;
  try {
    await using connection = await connectTarget(await reachServer(environment, 'environment'));
    const server = await readServer(connection);
    const spell = (name: string): string => spellName(name, server.lowerCaseTableNames, server.databases);
    const { name, staging, previous } = database;
    // As the server has them in its grants.
    const spelled = { name: spell(name), staging: spell(staging), previous: spell(previous) };
    return [
      { code: 'reachable', outcome: 'passed', message: `Connected; the server runs ${server.version}.` },
      ...checkConnection("The server's", server),
      server.databases.has(spelled.name)
        ? { code: 'database', outcome: 'passed', message: `Database ${database.name} is there.` }
        : {
            code: 'database',
            outcome: 'failed',
            message: `There is no database ${database.name}, or its user may not see it.`,
            hint: 'Check "name", or grant SELECT on it.',
          },
      judgeRights({ name: environment.name, database: spelled }, server, isProtected(config, environment)),
    ];
  } catch (error) {
    const { code, message, hint } = classifyDatabaseError(
      error,
      `checking environment "${environment.name}"`,
    );
    return [{ code, outcome: 'failed', message, hint: hintWithoutRun(code, hint) }];
  }
}

/** Where a hint speaks of a run that goes on afterwards: here is none. */
const hintWithoutRun = (code: ErrorCode, hint: string): string =>
  hint.includes('--resume') ? (PROBE_HINTS[code] ?? hint) : hint;

const PROBE_HINTS: Partial<Record<ErrorCode, string>> = {
  connection:
    'Check host and port of the environment, and that its database server is up and can be reached from here.',
  credentials: 'Check user and password of the environment.',
  timeout: 'See what the server is busy with, then check again.',
};

/** For `config check`: the findings of a migration's plan, as a dry run has them. */
export async function probePair(
  config: Config,
  source: Environment,
  target: Environment,
): Promise<readonly Finding[]> {
  const now = new Date();
  const options: PlanOptions = {
    source: source.name,
    target: target.name,
    selection: { include: null, exclude: null, activeOnly: false, excludeMainSite: false },
    networkOnly: false,
    sitesOnly: false,
    accept: [],
    // Whether it is protected is told of the environment.
    confirmed: target.name,
    policy: { concurrency: 'auto' },
  };
  try {
    return (await planRun(config, options, newMigrationId(now), now)).prepared.findings;
  } catch (error) {
    const doing = `planning ${source.name} → ${target.name}`;
    const { code, message, hint } = classifyDatabaseError(error, doing);
    return [{ code, outcome: 'failed', message, hint: hintWithoutRun(code, hint) }];
  }
}
