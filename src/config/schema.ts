// The configuration file, key by key. This schema is the only description of it: types are inferred from it, the
// JSON Schema that editors read is printed from it (`scripts/write-schema.ts`), and every default stands here.
// Unknown keys are errors everywhere, so that a misspelled setting is never silently the default.
import { z } from 'zod';
import type { Finding } from '../lib/finding.ts';
import { PROTECTED_META } from './default-protected.ts';
import { SKIP_DATA, SKIP_ROWS } from './default-skips.ts';
import { COMMAND_NAMES, ENVIRONMENT_NAME } from './environment-name.ts';
import { explainBadHost } from './host-entry.ts';
import { safety } from './safety-section.ts';
import { secretSetting } from './secret-setting.ts';
import { explainBadServer, isPort } from './server-place.ts';

/** Longest database name that MySQL and MariaDB take. */
const LONGEST_DATABASE_NAME = 64;

const databaseName = z
  .string()
  .min(1)
  .max(LONGEST_DATABASE_NAME)
  .refine(name => !/[\\/.\0]/.test(name), 'must not contain "/", "\\" or "."');

// `${DB_PORT}` arrives as text: a number written in digits is as good as a number.
const port = z
  .union([z.number(), z.string()], { error: 'must be a port, 1 to 65535' })
  .transform(Number)
  .refine(isPort, 'must be a port, 1 to 65535');

/** Text that `explain` finds nothing wrong with. */
const soundText = (explain: (text: string) => string | undefined) =>
  z.string().superRefine((text, context) => {
    const complaint = explain(text);
    if (complaint !== undefined) context.addIssue({ code: 'custom', message: complaint });
  });

const host = soundText(explainBadHost);

const tls = z
  .union(
    [
      z.boolean(),
      z
        .strictObject({
          verify: z
            .union([z.enum(['full', 'ca', 'none']), z.boolean()])
            .default('full')
            .transform(value => (typeof value === 'string' ? value : value ? 'full' : 'none'))
            .describe(
              '"full": the authority that has signed the certificate, and the name in it; "ca": the authority alone, ' +
                'so that every server of it may pass for this one; "none": nothing. true and false: "full" and "none".',
            ),
          ca: z.string().min(1).optional().describe('PEM file with the certificate authority of the server.'),
          cert: z
            .string()
            .min(1)
            .optional()
            .describe('PEM file with our own certificate, for accounts that want one.'),
          key: z.string().min(1).optional().describe('PEM file with the key of "cert".'),
          serverName: z
            .string()
            .min(1)
            .optional()
            .describe("The name in the server's certificate, where that is not its host."),
        })
        .superRefine((value, context) => {
          if ((value.cert === undefined) !== (value.key === undefined))
            context.addIssue({ code: 'custom', message: 'needs both of "cert" and "key", or neither' });
          if (value.serverName !== undefined && value.verify !== 'full')
            context.addIssue({
              code: 'custom',
              path: ['serverName'],
              message: 'does nothing without "verify: full"',
            });
        }),
    ],
    {
      error:
        'must be true, false, or a section with "verify" (full, ca or none), "ca", "cert", "key" (PEM files), "serverName"',
    },
  )
  .describe(
    'Encrypt the connection. `true` checks the name in the certificate, and who has signed it against the system authorities.',
  );

const SSH_TARGET = /^(?![-@])[^\s@:]+(?:@[^\s@:]+)?$/;

const sshTarget = z
  .string()
  .regex(SSH_TARGET, 'must read "user@host" or "host"; for a port write { host: user@host, port: … }');

const ssh = z
  .union([
    sshTarget,
    z.strictObject({
      host: sshTarget.describe('"user@host", or a host as the configuration of ssh names it.'),
      port: port.optional().describe('Port of the ssh server.'),
      identityFile: z
        .string()
        .min(1)
        .optional()
        .describe(
          'Private key, relative to this file. Default: what the configuration of ssh and its agent have.',
        ),
    }),
  ])
  .transform(value => (typeof value === 'string' ? { host: value } : value))
  .describe(
    'The machine through which the database server is reached, as "user@host": ssh forwards a port of this machine while ' +
      'the program runs. It must log in without asking anything. "host" and "port" are as seen from there.',
  );

const database = z
  .strictObject({
    host: soundText(explainBadServer)
      .optional()
      .describe('Host name or address of the database server, without port. Either this or socketPath.'),
    port: port.prefault(3306).describe('TCP port of the server.'),
    socketPath: z
      .string()
      .min(1)
      .optional()
      .describe('Unix socket of a server on this machine, instead of host and port.'),
    user: z
      .string()
      .min(1)
      .describe(
        'Who logs in; myCnf may say it instead. On a source SELECT is enough; nothing ever writes to it.',
      ),
    password: secretSetting()
      .prefault('')
      .describe(
        `Best by reference: "\${PROD_DB_PASSWORD}" reads it from the environment, { file: … } from a file, ` +
          '{ command: [program, …] } from what a program prints.',
      ),
    myCnf: z
      .strictObject({
        file: z
          .string()
          .min(1)
          .default('~/.my.cnf')
          .describe('Option file of the MySQL and MariaDB clients, relative to this one.'),
        group: z.string().min(1).default('client').describe('Group of the file, without brackets.'),
      })
      .optional()
      .describe(
        'Takes user, password, host, port and socket from a group of an option file, where they are not set here.',
      ),
    name: databaseName.describe('The database that WordPress reads.'),
    staging: databaseName
      .optional()
      .describe('Database on the same server where copies are built. Default: the name with "_incoming".'),
    previous: databaseName
      .optional()
      .describe('Database on the same server where replaced tables go. Default: the name with "_previous".'),
    ssh: ssh.optional(),
    tls: tls.prefault(false),
    serverPublicKey: z
      .string()
      .min(1)
      .optional()
      .describe(
        "PEM file with the server's RSA key (caching_sha2_password_public_key_path): with it a password may be sent " +
          'without TLS.',
      ),
    allowInsecureLogin: z
      .boolean()
      .default(false)
      .describe(
        'Give the password to a server that neither TLS nor serverPublicKey has proven, also in clear text or by a key ' +
          'of its own sending. Only where nobody else can answer at that address, or listen.',
      ),
  })
  .superRefine((value, context) => {
    if (value.host === undefined && value.socketPath === undefined) {
      context.addIssue({ code: 'custom', message: 'needs "host" (with "port"), or "socketPath"' });
    }
    if (value.host !== undefined && value.socketPath !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['socketPath'],
        message: 'and "host" exclude each other; keep one',
      });
    }
    if (value.ssh !== undefined && value.socketPath !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['ssh'],
        message: 'leads to a "host" and "port", and not to a "socketPath"',
      });
    }
  })
  .transform((value, context) => {
    const staging = value.staging ?? `${value.name}_incoming`;
    const previous = value.previous ?? `${value.name}_previous`;
    for (const [key, derived] of Object.entries({ staging, previous })) {
      if (derived.length > LONGEST_DATABASE_NAME) {
        context.addIssue({
          code: 'custom',
          message: `the derived name of "${key}" is too long; set "${key}"`,
        });
      }
    }
    if (new Set([value.name, staging, previous]).size < 3) {
      context.addIssue({
        code: 'custom',
        message: '"name", "staging" and "previous" must be three different databases',
      });
    }
    return { ...value, staging, previous };
  });

// `${MOST_AT_ONCE}` arrives as text, as a port does.
const count = (most: number, unit: string) =>
  z
    .union([z.number(), z.string()], { error: `must be a whole number, 1 to ${most}` })
    .transform(Number)
    .refine(
      value => Number.isInteger(value) && value >= 1 && value <= most,
      `must be a whole number, 1 to ${most}`,
    )
    .meta({ unit });

const limits = z.strictObject({
  concurrency: count(64, 'sites')
    .optional()
    .describe(
      'Never more sites in flight at once, whatever --concurrency says. Each has a connection to both servers.',
    ),
  threadsRunning: count(100_000, 'threads')
    .optional()
    .describe(
      "As a source: above this value of the server's Threads_running the run backs off; above twice of it, it starts " +
        'nothing more until the server is better. Without it, --concurrency auto takes 50 and never stops starting.',
    ),
  replicaLagSeconds: count(1_000_000, 'seconds')
    .optional()
    .describe(
      'As a source that is a replica: the same for its lag. Without it, --concurrency auto takes 30.',
    ),
});

const milliseconds = (least: number, most: number) =>
  z
    .union([z.number(), z.string()], { error: `must be milliseconds, ${least} to ${most}` })
    .transform(Number)
    .refine(
      value => Number.isInteger(value) && value >= least && value <= most,
      `must be milliseconds, ${least} to ${most}`,
    )
    .meta({ unit: 'milliseconds' });

/** Longer than this nobody waits for a command; a mistake in the unit would stop a night. */
const LONGEST_COMMAND_MS = 24 * 60 * 60 * 1000;

const argv = z
  .array(z.string().min(1))
  .min(1)
  .describe('Program and arguments; no shell takes them apart. For one: ["sh", "-c", "…"].');

const url = z.url({ protocol: /^https?$/, error: 'must be a URL such as "http://127.0.0.1:8080"' });

const probe = z.strictObject({
  scheme: z.enum(['http', 'https']).default('https').describe("Of the sites' own addresses."),
  url: url
    .refine(text => URL.canParse(text) && /^\/?$/.test(new URL(text).pathname), 'must have no path')
    .optional()
    .describe('Connect to this server instead, and name the site in the Host header; for sites without DNS.'),
  headers: z
    .record(
      z.string().regex(/^[A-Za-z0-9-]+$/, 'is no name of a header'),
      secretSetting().describe('Value of this header.'),
    )
    .default({})
    .describe('Sent with every request, such as Authorization of a password in front of the environment.'),
  verifyCertificate: z.boolean().default(true).describe('Refuse a certificate that does not check out.'),
});

const errorLimit = z
  .union([z.number(), z.string()], { error: 'must be a number of sites, or a share such as "5%"' })
  .transform(value => String(value))
  .refine(
    text => /^\d+$/.test(text) || (/^\d+%$/.test(text) && Number.parseInt(text, 10) <= 100),
    'must be a number of sites, or a share such as "5%"',
  )
  .transform(text => {
    const value = Number.parseInt(text, 10);
    return text.endsWith('%')
      ? { kind: 'share' as const, percent: value }
      : { kind: 'count' as const, count: value };
  });

const probes = z.strictObject({
  concurrency: count(64, 'sites').prefault(4).describe('Sites probed at once.'),
  timeoutMs: milliseconds(100, 600_000).prefault(15_000).describe('For one page.'),
  maxErrors: errorLimit
    .prefault('5%')
    .describe('Sites that may fail without the run failing: a number, or a share of those probed.'),
  maxLatencyMs: milliseconds(1, 600_000)
    .optional()
    .describe('The run fails when 95 of 100 home pages take longer. Default: as slow as they like.'),
  login: z.boolean().default(true).describe('Ask for the login page of each site as well.'),
});

const cache = z
  .strictObject({
    flushCommand: argv.optional(),
    flushUrl: secretSetting(url)
      .optional()
      .describe('Asked for to flush the cache; it must answer with 2xx. May hold a secret by reference.'),
    method: z.enum(['GET', 'POST', 'PURGE']).default('POST').describe('Of flushUrl.'),
    timeoutMs: milliseconds(100, LONGEST_COMMAND_MS)
      .prefault(60_000)
      .describe('For each of the commands and the URL.'),
    verify: z
      .strictObject({
        command: argv,
        expect: z.string().optional().describe('What the command has to print, but for blanks around it.'),
      })
      .optional()
      .describe('Says whether the flush has worked: by its exit code, and by what it prints.'),
    eachSite: z.boolean().default(false).describe('Also after each site, with its facts in the environment.'),
    required: z
      .boolean()
      .default(false)
      .describe('A flush that fails in the end fails the run; with --auto-rollback everything goes back.'),
  })
  .superRefine((value, context) => {
    if ((value.flushCommand === undefined) === (value.flushUrl === undefined)) {
      context.addIssue({ code: 'custom', message: 'needs either "flushCommand" or "flushUrl"' });
    }
  });

const hook = z
  .strictObject({
    command: argv,
    timeoutMs: milliseconds(100, LONGEST_COMMAND_MS)
      .prefault(60_000)
      .describe('The command is ended then, with all that it has started.'),
  })
  .optional();

const hooks = z.strictObject({
  before_site: hook.describe('Before each attempt at a site. Where it fails, that site fails, and no other.'),
  after_site: hook.describe(
    'When a site is completed, has failed or timed out (WFUWP_STATUS). Its failure is told and changes nothing.',
  ),
  after_run: hook.describe('When the run ends, however it does (WFUWP_STATUS). Its failure is told.'),
});

const environment = z.strictObject({
  database: database.describe('How to reach the database of this environment.'),
  tablePrefix: z
    .string()
    .regex(/^[A-Za-z0-9_]+$/, 'may hold only letters, digits and "_"')
    .default('wp_')
    .describe("$table_prefix of this environment's wp-config.php."),
  hosts: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'is not a role name (a letter, then letters, digits, "-", "_")'),
      host.describe('Host name, perhaps with a port, or "*.domain" for all sub-domains.'),
    )
    .default({})
    .describe('Role name → host, or "*.domain". Roles of the same name are paired between two environments.'),
  protected: z.boolean().default(false).describe('Migrating INTO this environment needs --confirm NAME.'),
  limits: limits.prefault({}).describe('What a run must not do to this environment.'),
  safety: safety.prefault({}).describe('What makes this environment harmless, if it is not production.'),
  probe: probe.prefault({}).describe('How --health-check reaches its sites.'),
  cache: cache.optional().describe('Its object cache, to be flushed once the sites are swapped in.'),
});

const columnPatterns = z
  .array(
    z
      .string()
      .regex(
        /^[^.\s]+\.[^.\s]+$/,
        'must read "table.column", without prefix and site number; "*" stands for any text, as in "acme_*.secret"',
      ),
  )
  .default([]);

const rewrite = z.strictObject({
  pairs: z
    .array(
      z.strictObject({
        from: z.string().min(1).describe('What is looked for.'),
        to: z.string().describe('What stands there afterwards; may be empty.'),
      }),
    )
    .default([])
    .describe(
      'Plain text to replace besides hosts: bucket names, paths, URLs. Both sides end with a slash, or neither.',
    ),
  emails: z
    .enum(['leave', 'rewrite'])
    .default('leave')
    .describe('What happens to e-mail addresses at a host that is rewritten.'),
  skipColumns: columnPatterns.describe(
    'Columns never rewritten, as "table.column", without prefix and site number; "*" stands for any text.',
  ),
  base64Columns: columnPatterns.describe(
    'Columns whose values are also rewritten inside base64, as "table.column", without prefix and site number; ' +
      '"*" stands for any text.',
  ),
});

const network = z.strictObject({
  users: z
    .enum(['keep', 'copy', 'merge'])
    .default('keep')
    .describe(
      "The target's users: kept, replaced by the source's, or merged with them by login, then by e-mail.",
    ),
  userColumns: columnPatterns.describe(
    'With users: merge, further columns that hold the id of a user, as "table.column" without prefix and blog id; ' +
      '"*" stands for any text.',
  ),
  protectedMeta: z
    .array(z.string().min(1))
    .default([...PROTECTED_META])
    .describe(
      'Keys of sitemeta that stay as they are at the target, in networks that it has; "*" stands for any text. ' +
        'Replaces the default list of licences, keys and super admins; [] protects nothing.',
    ),
  tables: z
    .array(z.string().regex(/^[^.\s]+$/, 'must be the name of a table without prefix'))
    .default([])
    .describe(
      'Plugin tables of the whole network to copy, without the prefix; "*" stands for any text. ' +
        'They travel with the network tables, and not with site 1.',
    ),
  mainSiteTables: z
    .array(z.string().regex(/^[^.\s]+$/, 'must be the name of a table without prefix'))
    .default([])
    .describe(
      "Plugin tables of site 1 that no other site has and that are to be copied with it; as in tables, which wins. A plugin's " +
        'table by the bare prefix that no other site has is listed in the plan, and left, unless it is named here or there.',
    ),
});

const tables = z.strictObject({
  skipData: z
    .array(z.string().regex(/^[^.\s]+$/, 'must be the name of a table without prefix and blog id'))
    .default([...SKIP_DATA])
    .describe(
      'Tables of which only the structure is copied, without prefix and blog id; "*" stands for any text. ' +
        'Replaces the default list of logs, sessions and caches; [] copies every row.',
    ),
  skipRows: z
    .array(
      z
        .string()
        .regex(
          /^[^.=\s]+\.[^.=\s]+=.+$/,
          'must read "table.column=value"; "*" stands for any text, as in "options.option_name=_transient_*"',
        ),
    )
    .default([...SKIP_ROWS])
    .describe(
      'Rows that are not copied, as "table.column=value"; "*" in the value stands for any text. ' +
        'Replaces the default list of transients, sessions, edit locks and finished actions; [] copies every row.',
    ),
  refreshPermalinks: z
    .boolean()
    .default(true)
    .describe(
      "Each site's compiled permalinks (the option rewrite_rules) arrive empty, and WordPress makes them anew at the " +
        'first page view. false: they are copied.',
    ),
});

/** The file after validation, before it becomes a `Config`. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('For editors; not read.'),
  environments: z
    .record(
      z
        .string()
        .regex(ENVIRONMENT_NAME, 'is not an environment name (letters, digits, "-", "_")')
        .refine(
          name => !COMMAND_NAMES.includes(name),
          'is a command of env-migrate; give the environment another name',
        ),
      environment.describe('One environment.'),
    )
    .refine(all => Object.keys(all).length > 0, 'needs at least one environment')
    .describe('Name → environment; the names are what the commands take as SOURCE and TARGET.'),
  rewrite: rewrite.prefault({}).describe('What is rewritten besides the hosts.'),
  network: network.prefault({}).describe('What happens to tables of the network as a whole.'),
  tables: tables.prefault({}).describe('Tables with a treatment of their own.'),
  probes: probes.prefault({}).describe('What --health-check asks for and allows.'),
  hooks: hooks.prefault({}).describe('Commands that are run at certain moments.'),
  logDir: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Folder for the run directories: a path, which begins at this file; "~" is the home folder. --log-dir and ' +
        'WFUWP_LOG_DIR take its place. Absent: "logs" in the working directory.',
    ),
});

type ConfigFile = z.output<typeof configSchema>;
type EnvironmentSection = ConfigFile['environments'][string];

export interface Environment extends EnvironmentSection {
  readonly name: string;
  /** Of the configuration file: where paths of secrets begin. */
  readonly folder: string;
}

/** `database` of an environment: what the mysql client needs to connect, with the password still wrapped. */
export type DatabaseConfig = Environment['database'];

export interface Config extends Omit<ConfigFile, 'environments' | '$schema'> {
  /** Absolute path of the file it was read from. */
  readonly file: string;
  /** What is sound there, and yet to be told. */
  readonly findings: readonly Finding[];
  readonly environments: Readonly<Record<string, Environment>>;
}
