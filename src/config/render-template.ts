// The file that `config init` writes. It is YAML that any parser takes, of 1.1 as well as of 1.2: others than this program
// read it too (editors, Ansible).
import { showForeign } from '../lib/show-foreign.ts';
import { explainBadHost } from './host-entry.ts';
import type { ServerPlace } from './server-place.ts';

/** Text, or the environment variable that will say it. */
export type Answer = string | { readonly variable: string };

/** What a first configuration file needs to know of one environment. Everything else has a default. */
export interface EnvironmentAnswers {
  readonly name: string;
  readonly server: ServerPlace | { readonly variable: string };
  readonly user: Answer;
  readonly database: Answer;
  readonly tablePrefix: Answer;
  /** The network's main host; its sub-domains are covered by a wildcard role. */
  readonly mainHost: Answer;
  /** Then nothing is migrated into it by accident. */
  readonly isProduction: boolean;
  /** What lands here is made harmless: `safety.policy: lower`. */
  readonly isMadeHarmless: boolean;
  /** The wp-config.php that knows the password. */
  readonly wpConfig?: string;
}

export type UserTreatment = 'keep' | 'copy' | 'merge';

export interface TemplateAnswers {
  readonly environments: readonly EnvironmentAnswers[];
  readonly users: UserTreatment;
  /** Path or URL of the JSON Schema, as an editor takes it. */
  readonly schema?: string | undefined;
}

/** What `config init` writes when nobody is asked: to be edited. */
export const EXAMPLE_ENVIRONMENTS: readonly EnvironmentAnswers[] = [
  {
    name: 'prod',
    server: { host: 'db-prod.example.edu' },
    user: 'wp',
    database: 'wp_prod',
    tablePrefix: 'wp_',
    mainHost: 'www.example.edu',
    isProduction: true,
    isMadeHarmless: false,
  },
  {
    name: 'stg',
    server: { host: 'db-stg.example.edu' },
    user: 'wp',
    database: 'wp_stg',
    tablePrefix: 'wp_',
    mainHost: 'stg.example.edu',
    isProduction: false,
    isMadeHarmless: true,
  },
];

/** Name of an environment variable for what the file doesn't say itself: PROD_DB_PASSWORD. */
export function nameVariable(environment: string, what: string): string {
  const name = environment.toUpperCase().replace(/[^A-Z0-9]/g, '_');
  // A variable's name can't begin with a digit.
  return `${/^\d/.test(name) ? '_' : ''}${name}_${what}`;
}

const PSEUDONYM_KEY = 'WFUWP_PSEUDONYM_KEY';

/** The environment variables that the file will refer to. */
export function listVariables(environments: readonly EnvironmentAnswers[]): string[] {
  const names = environments.flatMap(environment => [
    ...[environment.server, environment.user, environment.database],
    ...[environment.tablePrefix, environment.mainHost],
    { variable: nameVariable(environment.name, 'DB_PASSWORD') },
    ...(environment.isMadeHarmless ? [{ variable: PSEUDONYM_KEY }] : []),
  ]);
  return [...new Set(names.flatMap(answer => (isVariable(answer) ? [answer.variable] : [])))];
}

/** A commented configuration file that `loadConfig` accepts once its variables are set. */
export function renderTemplate({ environments, users, schema }: TemplateAnswers): string {
  return `${renderHead(schema)}environments:\n${environments.map(renderEnvironment).join('\n')}${renderTail(users)}`;
}

function renderHead(schema: string | undefined): string {
  const modeline = `# yaml-language-server: $schema=${schema}
# The line above tells editors where the schema of this file is: with it they complete and check what is written here. It
# comes with wfuwp, so its path may differ on another machine; nothing but editors reads the line.
`;
  return `${schema === undefined ? '' : modeline}
# Configuration of wfuwp. Check it with: wfuwp config check
# Every setting is in docs/CONFIGURATION.md; one by one: wfuwp config explain KEY
# "\${NAME}" is the value of an environment variable; keep passwords out of this file.

`;
}

function renderEnvironment(environment: EnvironmentAnswers): string {
  const { name, user, database, tablePrefix, mainHost, wpConfig } = environment;
  const password = nameVariable(name, 'DB_PASSWORD');
  const known =
    wpConfig === undefined ? '' : ` # DB_PASSWORD of ${showForeign(wpConfig)}, which is not copied`;
  return `  ${quote(name)}:
    database:
${renderServer(environment)}      user: ${render(user)} # as a source it needs only SELECT
      password: ${render({ variable: password })}${known}
      name: ${render(database)}
      # Databases on the same server, for copies and for replaced tables; by default the name with these endings:
      # staging: ${quote(`${typeof database === 'string' ? database : name}_incoming`)}
      # previous: ${quote(`${typeof database === 'string' ? database : name}_previous`)}
      # tls: true # or { ca: ca.pem }, cert, key, serverName; verify: full, ca or none
    tablePrefix: ${render(tablePrefix)}
    # Role and host; environments are paired by the names of roles. Hosts of no role are left alone.
    hosts:
      main: ${render(mainHost)}
${renderWildcard(mainHost)}${renderProtection(environment)}    # limits: # what a run must not do to this server
    #   concurrency: 8 # sites at once
    #   threadsRunning: 50
    #   replicaLagSeconds: 30
    # probe: # how --health-check reaches its sites; without it, as DNS says
    #   url: http://127.0.0.1:8080
    # cache: # flushed once the sites are swapped in
    #   flushCommand: [redis-cli, -e, FLUSHDB] # or flushUrl: https://…
`;
}

function renderServer({ server }: EnvironmentAnswers): string {
  if ('socketPath' in server) return `      socketPath: ${quote(server.socketPath)}\n`;
  const port = 'host' in server ? (server.port ?? 3306) : 3306;
  return `      host: ${'host' in server ? quote(server.host) : render(server)} # or socketPath: /run/mysqld/mysqld.sock
      port: ${port}
`;
}

function renderWildcard(mainHost: Answer): string {
  if (typeof mainHost !== 'string') return '';
  const wildcard = `*.${mainHost.replace(/^www\./, '')}`;
  return explainBadHost(wildcard) === undefined ? `      any: ${quote(wildcard)}\n` : '';
}

function renderProtection({ name, isProduction, isMadeHarmless }: EnvironmentAnswers): string {
  if (isProduction) return `    protected: true # migrating INTO it needs --confirm ${name}\n`;
  const mark = isMadeHarmless ? '' : '# ';
  return `    protected: false # true: migrating into it needs --confirm ${name}
    ${mark}safety: # what lands here is made harmless (docs/SAFETY.md)
    ${mark}  policy: lower
    ${mark}  key: ${render({ variable: PSEUDONYM_KEY })} # any long random text, always the same
`;
}

function renderTail(users: UserTreatment): string {
  return `
network:
  users: ${users} # keep: the target's stay; copy: the source's replace them; merge: new ones join them
  # protectedMeta: [] # keys of the target's sitemeta that survive
  # tables: [] # network-wide plugin tables to copy, without the prefix; "acme_*" works as well
  # mainSiteTables: [] # the same for site 1's own that no other site has

# logDir: /var/lib/wfuwp # where the run directories lie, from wherever a command is typed

# rewrite:
#   pairs: # further text to replace: bucket names, paths, URLs
#     - { from: wordpress-prod, to: wordpress-stg }
#   emails: leave # or rewrite
#   skipColumns: [acme_keys.secret] # tables without prefix and site number; "acme_*.secret" works as well
#   base64Columns: [acme_pages.layout] # rewritten inside base64, too

# tables:
#   skipData: ["*_log"] # tables copied without their rows, instead of the default list; [] copies all
#   skipRows: ["options.option_name=_transient_*"] # the same for rows
#   refreshPermalinks: true # rewrite_rules arrive empty; WordPress makes them anew

# probes: # what --health-check allows
#   maxErrors: 5% # of the sites
#   maxLatencyMs: 3000 # for 95 of 100 home pages

# hooks: # programs with their arguments; what they are told is in the README
#   before_site: { command: [./announce.sh], timeoutMs: 30000 }
#   after_site: { command: [./purge-cdn.sh] }
#   after_run: { command: [./report.sh] }
`;
}

function isVariable(answer: Answer | EnvironmentAnswers['server']): answer is { variable: string } {
  return typeof answer === 'object' && 'variable' in answer;
}

function render(answer: Answer): string {
  // Quoted: within { … } the braces would be YAML's.
  return typeof answer === 'string' ? quote(answer) : `"\${${answer.variable}}"`;
}

/** What any YAML takes for this very text without quotes. 1.1 has more words for true and false, and takes 1:30 and
 *  2024-01-01 for something else. */
const PLAIN = /^(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z][a-z0-9_.-]*$/i;

/** A YAML scalar, quoted when it has to be; JSON's quoting is YAML's, too. */
function quote(value: string): string {
  if (PLAIN.test(value)) return value;
  return JSON.stringify(value.replaceAll('${', () => '$${'));
}
