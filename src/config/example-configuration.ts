// A configuration in which every setting stands once, with a value as it may be: the examples of docs/CONFIGURATION.md and of
// `config explain`. No real one needs all of them.

export const EXAMPLE_CONFIGURATION = `$schema: ./node_modules/wfuwp/schema/wfuwp.config.schema.json
environments:
  prod:
    database:
      host: db1.example.edu
      port: 3306
      user: wp_read
      password: "\${PROD_DB_PASSWORD}"
      name: wp_prod
      ssh: { host: wp@bastion.example.edu, port: 22, identityFile: ~/.ssh/id_ed25519 }
      tls: { verify: full, ca: ca.pem, cert: wfuwp.pem, key: wfuwp.key, serverName: db.example.edu }
      serverPublicKey: public_key.pem
      allowInsecureLogin: false
    tablePrefix: wp_
    hosts: { main: www.example.edu, any: "*.example.edu", cdn: cdn.example.edu }
    protected: true
    limits: { concurrency: 8, threadsRunning: 50, replicaLagSeconds: 30 }
  stg:
    database:
      socketPath: /run/mysqld/mysqld.sock
      user: wp
      password: { file: stg.password }
      name: wp_stg
      staging: wp_stg_incoming
      previous: wp_stg_previous
    hosts: { main: stg.example.edu, any: "*.stg.example.edu", cdn: cdn.stg.example.edu }
    safety:
      policy: lower
      key: { file: pseudonym.key }
      staff: ["@it.example.edu", ann]
      anonymise: [clinic_visits.patient]
      rules:
        drop_transients: true
        drop_sessions: true
        block_search_engines: true
        stop_mail: true
        hold_cron: false
        blank_keys: true
        remove_analytics: true
        anonymise_people: true
    probe:
      scheme: https
      url: http://127.0.0.1:8080
      headers: { Authorization: { file: probe.header } }
      verifyCertificate: false
    cache:
      flushCommand: [redis-cli, -h, cache1, FLUSHDB]
      method: POST
      timeoutMs: 60000
      verify: { command: [redis-cli, -h, cache1, DBSIZE], expect: "0" }
      eachSite: false
      required: true
  dev:
    database:
      myCnf: { file: ~/.my.cnf, group: clientdev }
      host: 127.0.0.1
      password: { command: [pass, show, dev-db] }
      name: wp_dev
    safety: { policy: lower, key: { command: [pass, show, pseudonyms] } }
    probe: { headers: { Authorization: { command: [pass, show, dev-probe] } } }
    cache: { flushUrl: { file: flush.url } }
  test:
    database: { host: 127.0.0.1, user: wp, name: wp_test }
    cache: { flushUrl: { command: [pass, show, flush-url] } }
rewrite:
  pairs: [{ from: wordpress-prod, to: wordpress-stg }]
  emails: leave
  skipColumns: [acme_keys.secret]
  base64Columns: [acme_pages.layout]
network:
  users: merge
  userColumns: [crm_deals.owner]
  protectedMeta: [site_admins, "*license*"]
  tables: [bp_groups, "bp_groups_*"]
  mainSiteTables: ["wc_*"]
tables:
  skipData: ["*_log"]
  skipRows: ["options.option_name=_transient_*"]
  refreshPermalinks: true
probes: { concurrency: 4, timeoutMs: 15000, maxErrors: 5%, maxLatencyMs: 3000, login: true }
hooks:
  before_site: { command: [./announce.sh], timeoutMs: 30000 }
  after_site: { command: [./purge-cdn.sh], timeoutMs: 60000 }
  after_run: { command: [./report.sh], timeoutMs: 60000 }
logDir: /var/lib/wfuwp
`;
