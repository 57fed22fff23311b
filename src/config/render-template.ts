import { stringify } from 'yaml';
import { explainBadHost } from './host-entry.ts';

/** What a first configuration file needs to know of one environment. Everything else has a default. */
export interface EnvironmentAnswers {
  readonly name: string;
  readonly databaseHost: string;
  readonly databaseUser: string;
  readonly databaseName: string;
  /** The network's main host; its sub-domains are covered by a wildcard role. */
  readonly mainHost: string;
}

/** What `config init` writes when nobody is asked: to be edited. */
export const EXAMPLE_ENVIRONMENTS: readonly EnvironmentAnswers[] = [
  {
    name: 'prod',
    databaseHost: 'db-prod.example.edu',
    databaseUser: 'wp',
    databaseName: 'wp_prod',
    mainHost: 'www.example.edu',
  },
  {
    name: 'stg',
    databaseHost: 'db-stg.example.edu',
    databaseUser: 'wp',
    databaseName: 'wp_stg',
    mainHost: 'stg.example.edu',
  },
];

/** Name of the environment variable that holds the password: PROD_DB_PASSWORD. */
export function passwordVariable(environment: string): string {
  const name = environment.toUpperCase().replace(/[^A-Z0-9]/g, '_');
  // A variable's name can't begin with a digit.
  return `${/^\d/.test(name) ? '_' : ''}${name}_DB_PASSWORD`;
}

/** A commented configuration file that `loadConfig` accepts once the password variables are set. */
export function renderTemplate(environments: readonly EnvironmentAnswers[]): string {
  return `${HEAD}environments:\n${environments.map(renderEnvironment).join('\n')}${TAIL}`;
}

const HEAD = `# Configuration of wfuwp. Check it with: wfuwp config check
# \${NAME} is the value of an environment variable; keep passwords out of this file.
# Editors check it against schema/wfuwp.config.schema.json of the wfuwp package.

`;

function renderEnvironment({
  name,
  databaseHost,
  databaseUser,
  databaseName,
  mainHost,
}: EnvironmentAnswers): string {
  return `  ${quote(name)}:
    database:
      host: ${quote(databaseHost)} # or socketPath: /run/mysqld/mysqld.sock
      port: 3306
      user: ${quote(databaseUser)} # as a source it needs only SELECT
      password: \${${passwordVariable(name)}}
      name: ${quote(databaseName)}
      # Databases on the same server for copies and for replaced tables; these are the defaults:
      # staging: ${quote(`${databaseName}_incoming`)}
      # previous: ${quote(`${databaseName}_previous`)}
      # tls: true # or { ca: ca.pem }, cert, key, serverName; verify: full, ca or none
    tablePrefix: wp_
    # Role and host; environments are paired by the names of roles. Hosts of no role are left alone.
    hosts:
      main: ${quote(mainHost)}
${renderWildcard(mainHost)}    # media:
    #   bucket: ${quote(`wordpress-${name}`)}
    #   region: us-east-1
    # limits: # what a run must not do to this server
    #   concurrency: 8 # sites at once
    #   threadsRunning: 50
    #   replicaLagSeconds: 30
    # safety: # if this is not production: what makes it harmless (docs/SAFETY.md)
    #   policy: lower
    #   key: \${WFUWP_PSEUDONYM_KEY} # any long random text, always the same
    # probe: # how --health-check reaches its sites; without it, as DNS says
    #   url: http://127.0.0.1:8080
    # cache: # flushed once the sites are swapped in
    #   flushCommand: [redis-cli, -e, FLUSHDB] # or flushUrl: https://…
    protected: false # true: migrating into it needs --confirm ${name}
`;
}

function renderWildcard(mainHost: string): string {
  const wildcard = `*.${mainHost.replace(/^www\./, '')}`;
  return explainBadHost(wildcard) === undefined ? `      any: ${quote(wildcard)}\n` : '';
}

const TAIL = `
# rewrite:
#   pairs: # further text to replace: bucket names, paths, URLs
#     - { from: wordpress-prod, to: wordpress-stg }
#   emails: leave # or rewrite
#   skipColumns: [acme_keys.secret] # tables without prefix and site number; "acme_*.secret" works as well
#   base64Columns: [acme_pages.layout] # rewritten inside base64, too

# network:
#   users: keep # or copy, merge
#   protectedMeta: [] # keys of the target's sitemeta that survive
#   tables: [] # network-wide plugin tables to copy, without the prefix; "acme_*" works as well
#   mainSiteTables: [] # the same for site 1's own that no other site has

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

/** A YAML scalar, quoted when it has to be. */
function quote(value: string): string {
  return stringify(value, { lineWidth: 0 }).trimEnd();
}
