// What SHOW GRANTS says, in a form that questions can be asked of.

export interface Grant {
  /** Upper case; `ALL PRIVILEGES` stands for all of them. Empty for what couldn't be read, such as a role. */
  readonly privileges: readonly string[];
  /** Database pattern as the server keeps it (`%` and `_` are wildcards, `\` escapes); `*` for all. */
  readonly database: string;
  /** `*`, or one table's name: such a grant covers no other. */
  readonly table: string;
  readonly isRole: boolean;
}

export const SOURCE_RIGHTS = ['SELECT'];

/** Without them a plan is blind for triggers, routines, events and foreign keys of the source, and says so. */
export const SOURCE_SIGHT = ['TRIGGER', 'EXECUTE', 'EVENT', 'REFERENCES'];

const PREVIOUS_RIGHTS = ['SELECT', 'INSERT', 'CREATE', 'DROP', 'ALTER'];
/** On each of the target's databases. UPDATE is for the lease and for what the program notes of its own tables, DELETE for
 *  what is known of earlier copies. */
export const TARGET_RIGHTS = {
  live: ['SELECT', 'INSERT', 'UPDATE', 'CREATE', 'DROP', 'ALTER'],
  staging: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER', 'INDEX', 'REFERENCES'],
  previous: PREVIOUS_RIGHTS,
};

const GRANT = /^GRANT (.+?) ON (?:TABLE )?(?:`((?:[^`]|``)*)`|\*)\.(?:`((?:[^`]|``)*)`|\*) TO /i;

export function parseGrant(text: string): Grant {
  const match = GRANT.exec(text);
  if (!match) return { privileges: [], database: '', table: '', isRole: !/ ON /i.test(text) };
  return {
    // A list of columns behind a privilege limits it to these: that is not the right to the table.
    privileges: match[1]!
      .toUpperCase()
      .split(/,(?![^(]*\))/)
      .map(privilege => privilege.trim())
      .filter(privilege => !privilege.includes('(')),
    database: match[2]?.replaceAll('``', '`') ?? '*',
    table: match[3]?.replaceAll('``', '`') ?? '*',
    isRole: false,
  };
}

/** Which of `needed` the grants don't give on every table of `database`. */
export function missingPrivileges(
  grants: readonly Grant[],
  database: string,
  needed: readonly string[],
): string[] {
  const held = new Set<string>();
  for (const grant of grants) {
    if (grant.table === '*' && (grant.database === '*' || matchesPattern(grant.database, database))) {
      for (const privilege of grant.privileges) held.add(privilege);
    }
  }
  if (held.has('ALL PRIVILEGES') || held.has('ALL')) return [];
  return needed.filter(privilege => !held.has(privilege));
}

function matchesPattern(pattern: string, database: string): boolean {
  const source = pattern.replaceAll(
    /\\([%_\\])|([%_])|([.*+?^${}()|[\]\\])/g,
    (_all, escaped, wildcard, special) => {
      if (escaped) return escaped === '\\' ? '\\\\' : escaped;
      if (wildcard) return wildcard === '%' ? '.*' : '.';
      return `\\${special}`;
    },
  );
  return new RegExp(`^${source}$`, 's').test(database);
}
