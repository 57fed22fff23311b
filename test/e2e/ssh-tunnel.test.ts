// A database server behind a bastion: real servers, the real program, and a program named ssh that really forwards.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isProcessAlive } from '../../src/lib/process-space.ts';
import { connectTarget, type ServerAddress } from '../../src/mysql/client.ts';
import { SshTunnel } from '../../src/shell/ssh-tunnel.ts';
import { createAuthority, whyNoOpenssl } from '../support/certificates.ts';
import { createEnvironments } from '../support/environments.ts';
import { createFakeSsh, type FakeSsh } from '../support/fake-ssh.ts';
import { startMariadbServer } from '../support/mariadb-server.ts';
import { createUser, useServers } from '../support/servers.ts';

const { source } = useServers();
let ssh: FakeSsh;

beforeEach(async () => {
  ssh = await createFakeSsh();
  vi.stubEnv('PATH', ssh.path);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const { pid } of await ssh.calls()) if (isProcessAlive(pid)) process.kill(pid);
  await ssh[Symbol.asyncDispose]();
});

async function untilDead(pid: number): Promise<void> {
  while (isProcessAlive(pid)) await sleep(20);
}

const throughBastion = { ssh: 'wp@bastion', host: 'db.internal' };

describe('the program', () => {
  it('migrates through a tunnel at either end, one for each, and ends them', async () => {
    await using environments = await createEnvironments({ sites: 2, scale: 0.1 });
    await environments.configure(({ environments: { prod, stg } }) => {
      Object.assign(prod.database, throughBastion);
      Object.assign(stg.database, {
        ssh: { host: 'wp@bastion', port: 2222, identityFile: 'id' },
        host: '::1',
      });
    });
    const { exitCode, stderr } = await environments.run('env-migrate', 'prod', 'stg', '--yes');
    expect(exitCode, stderr).toBe(0);
    const calls = await ssh.calls();
    expect(calls).toHaveLength(2);
    const lines = calls.map(({ argv }) => argv.join(' ')).sort();
    const options =
      '-o ExitOnForwardFailure=yes -o BatchMode=yes -o ServerAliveInterval=15 -o ConnectTimeout=10 ' +
      '-o ControlMaster=no -o ControlPath=none';
    const { port } = environments.target.server;
    expect(lines[0]).toMatch(/^-N -L 127\.0\.0\.1:\d+:(db\.internal|\[::1\]):\d+ /);
    expect(lines.join('\n')).toContain(
      `:[::1]:${port} ${options} -p 2222 -i ${environments.cwd}/id -o IdentitiesOnly=yes wp@bastion`,
    );
    expect(lines.join('\n')).toContain(
      `:db.internal:${environments.source.server.port} ${options} wp@bastion`,
    );
    for (const { pid } of calls) await untilDead(pid);
    // The ports are others in the next process, the servers the same.
    const verified = await environments.run('env-migrate', 'verify', 'prod', 'stg');
    expect(verified.exitCode, verified.stdout + verified.stderr).toBe(0);
  });

  it('says what ssh says when the tunnel can not be opened', async () => {
    await using environments = await createEnvironments({ sites: 1, scale: 0.1 });
    await environments.configure(({ environments: { prod } }) => {
      Object.assign(prod.database, { ...throughBastion, ssh: 'wp@closed' });
    });
    const { exitCode, stdout } = await environments.run('config', 'check', 'prod');
    expect(stdout).toContain(
      'failed: the tunnel through wp@closed could not be opened: wp@closed: Permission denied (publickey).',
    );
    expect(stdout).toContain('Try by hand: ssh wp@closed true.');
    expect(exitCode).toBe(12);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('that %s ends takes its tunnels with it', async signal => {
    await using environments = await createEnvironments({ sites: 2, scale: 0.1 });
    await environments.configure(config => {
      Object.assign(config.environments.prod.database, throughBastion);
      config.hooks = { before_site: { command: ['sleep', '60'] } };
    });
    const running = environments.start('env-migrate', 'prod', 'stg', '--yes');
    while ((await ssh.calls()).length === 0) await sleep(20);
    const [{ pid } = { pid: 0 }] = await ssh.calls();
    expect(isProcessAlive(pid)).toBe(true);
    running.kill(signal);
    await sleep(100);
    running.kill(signal);
    await running;
    await untilDead(pid);
  });
});

describe('a tunnel', () => {
  const addressOf = async (through: string, over: Partial<ServerAddress> = {}): Promise<ServerAddress> => ({
    ...{ label: 'target "stg"', host: 'db.internal', port: source.port },
    ...(await createUser(source, 'GRANT SELECT ON *.*')),
    tunnel: new SshTunnel({ through, to: { host: 'db.internal', port: source.port } }),
    ...over,
  });

  it('is one for all connections, and opened again when it has died', async () => {
    const address = await addressOf('wp@bastion');
    const [first, second] = await Promise.all([connectTarget(address), connectTarget(address)]);
    const [{ pid } = { pid: 0 }, ...others] = await ssh.calls();
    expect(others).toEqual([]);
    process.kill(pid);
    await untilDead(pid);
    await expect(first.query('SELECT 1')).rejects.toThrow();
    await using third = await connectTarget(address);
    expect(await third.query('SELECT 1 AS one')).toHaveLength(1);
    expect(await ssh.calls()).toHaveLength(2);
    for (const connection of [first, second]) connection.destroy();
  });

  it('that fails is tried anew by the next connection, and named each time', async () => {
    const address = await addressOf('wp@closed');
    for (const _ of [1, 2])
      await expect(connectTarget(address)).rejects.toMatchObject({
        code: 'connection',
        message: `Connecting to target "stg" (db.internal:${source.port} through wp@closed) as ${address.user} failed: the tunnel through wp@closed could not be opened: wp@closed: Permission denied (publickey).`,
      });
    expect(await ssh.calls()).toHaveLength(2);
    vi.stubEnv('PATH', '/nowhere');
    await expect(connectTarget(await addressOf('wp@bastion'))).rejects.toThrow('could not be opened');
  });

  it.skipIf(whyNoOpenssl)(`leaves the name that a certificate must have${whyNoOpenssl}`, async () => {
    await using authority = await createAuthority();
    const { certFile, keyFile } = await authority.sign('DNS:db.example.edu');
    const server = await startMariadbServer({ args: [`--ssl-cert=${certFile}`, `--ssl-key=${keyFile}`] });
    await server.query("CREATE USER wp@'%' IDENTIFIED BY 'wp-password'");
    const tunnel = new SshTunnel({ through: 'wp@bastion', to: { host: 'x', port: server.port } });
    const address = (host: string): ServerAddress => ({
      ...{ label: 'target "stg"', host, user: 'wp', password: 'wp-password', tunnel },
      tls: { verify: 'full', ca: authority.cert },
    });
    await using connection = await connectTarget(address('db.example.edu'));
    expect(connection.trust.tls).toBe('full');
    await expect(connectTarget(address('other.example.edu'))).rejects.toThrow('not for other.example.edu');
    await connection.end();
    await server.stop();
  });
});
