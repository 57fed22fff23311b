import type { Finding } from '../lib/finding.ts';
import { missingPrivileges, SOURCE_RIGHTS, TARGET_RIGHTS } from '../mysql/grants.ts';
import type { ServerFacts } from '../mysql/read-server.ts';

interface Databases {
  readonly name: string;
  readonly staging: string;
  readonly previous: string;
}

/** What an environment's user is fit for, seen alone: to be read, to be written, or for neither as it should be. */
export function judgeRights(
  { name, database }: { readonly name: string; readonly database: Databases },
  { grants }: Pick<ServerFacts, 'grants'>,
  isProtected: boolean,
): Finding {
  const lacking = (where: string, rights: readonly string[]): string => {
    const missing = missingPrivileges(grants, where, rights);
    return missing.length === 0 ? '' : `${missing.join(', ')} on ${where}`;
  };
  const unread = lacking(database.name, SOURCE_RIGHTS);
  if (unread) {
    // What a role gives is not in SHOW GRANTS.
    const mayHaveIt = grants.some(({ isRole }) => isRole);
    return {
      code: 'rights',
      outcome: mayHaveIt ? 'warning' : 'failed',
      message: `The user ${mayHaveIt ? 'may lack' : 'lacks'} ${unread}: it can be neither source nor target.`,
      hint: 'The statements to give its rights: wfuwp config grants SOURCE TARGET',
    };
  }
  const wanted: readonly (readonly [string, readonly string[]])[] = [
    [database.name, TARGET_RIGHTS.live],
    [database.staging, TARGET_RIGHTS.staging],
    [database.previous, TARGET_RIGHTS.previous],
  ];
  const missing = wanted.map(([where, rights]) => lacking(where, rights)).filter(text => text !== '');
  const written = wanted.flatMap(([where]) => (holds(grants, where) ? [where] : []));
  if (isProtected)
    return written.length === 0
      ? passed('The user may read and not write, as it should be where "protected" is set.')
      : {
          code: 'protected_writable',
          outcome: 'warning',
          message: `It is protected, and its user may write to ${written.join(', ')}.`,
          hint: 'Give the configuration a user that may only read there: then no mistake can reach it.',
        };
  if (missing.length === 0) return passed('The user may read and write: fit for source and target.');
  if (written.length === 0) return passed('The user may read and not write: fit for a source only.');
  return {
    code: 'rights_incomplete',
    outcome: 'warning',
    message: `Fit for a source. As a target its user lacks ${missing.join('; ')}.`,
    hint: `If it shall be a target, the statements to give them: wfuwp config grants SOURCE ${name}`,
  };
}

const passed = (message: string): Finding => ({ code: 'rights', outcome: 'passed', message });

const WRITING = ['INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER'];

/** Any right to write there. */
const holds = (grants: ServerFacts['grants'], database: string): boolean =>
  missingPrivileges(grants, database, WRITING).length < WRITING.length;
