// Whoever answers at the address of a server must not get the password by asking for it, nor a file of this machine.

import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectSource, connectTarget, type ServerAddress } from '../../../src/mysql/client.ts';
import { type Authority, type Certificate, createAuthority, whyNoOpenssl } from '../../support/certificates.ts';
import { findPluginFolder, whyNoPlugin } from '../../support/login-plugins.ts';
import { startMariadbServer } from '../../support/mariadb-server.ts';
import { startMysqlServer, whyNoMysql } from '../../support/mysql-server.ts';
import type { PrivateServer } from '../../support/private-server.ts';
import { ASK_FOR_OLD_PASSWORD, ask, askForFactor, askForFile, OWN_KEY, type RogueOptions, startRogueServer, WANTS_WHOLE_PASSWORD } from '../../support/rogue-server.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { whyNotLinux } from '../../support/why-not.ts';

const PASSWORD = 'TopSecret-Pass!93';

/** What it has learned, and what we say to that. */
async function meet(options: RogueOptions, over: Partial<ServerAddress> = {}) {
  await using rogue = await startRogueServer(options);
  const address = {
    ...{ label: 'target "stg"', host: 'localhost', port: rogue.port, user: 'wp', password: PASSWORD },
    ...over,
  };
  const error = await connectTarget(address).then(
    connection => {
      connection.destroy();
      return undefined;
    },
    (reason: unknown) => reason as Error,
  );
  expect(JSON.stringify([error, error?.message, error?.stack])).not.toContain(PASSWORD);
  return { error, learned: rogue.learned() };
}

const BY_CACHE = [ask('caching_sha2_password'), WANTS_WHOLE_PASSWORD, OWN_KEY];
const BY_SHA256 = [ask('sha256_password'), OWN_KEY];
const IN_CLEAR = [ask('mysql_clear_password')];

describe('without TLS', () => {
  it.each([
    ['its own RSA key, by caching_sha2_password', BY_CACHE, 'caching_sha2_password'],
    ['its own RSA key, by sha256_password', BY_SHA256, 'sha256_password'],
    ['clear text', IN_CLEAR, 'mysql_clear_password'],
    ['a dialog', [ask('dialog', Buffer.from('\x04Password: '))], 'dialog'],
    ['the hash of before 4.1', [ASK_FOR_OLD_PASSWORD], 'mysql_old_password'],
    ['a second factor', [askForFactor('mysql_clear_password')], 'second factor'],
    ['a ticket', [ask('auth_gssapi_client')], 'Kerberos'],
    ['what nobody knows', [ask('__proto__')], '__proto__'],
    ['a name that is none', [ask('\x1b[31mred')], 'an unknown method'],
    ['a challenge that is none', [ask('mysql_native_password', Buffer.alloc(0))], 'protocol'],
    ['a hash, and then more', [ask('mysql_native_password'), WANTS_WHOLE_PASSWORD], 'protocol'],
  ])('who wants %s gets nothing, and the error says what to do', async (_, asks, named) => {
    const { error, learned } = await meet({ asks });
    expect(learned).not.toContain(PASSWORD);
    expect(error).toMatchObject({
      code: 'credentials',
      exitCode: 12,
      message: expect.stringMatching(new RegExp(`target "stg".*${named}`)),
      hint: expect.stringMatching(/"tls"|identified by|SET PASSWORD|host and port/),
    });
    expect(error!.message).not.toContain('\x1b');
  });

  it('a key that the configuration has is used, and no other', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const serverPublicKey = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    for (const asks of [BY_CACHE, BY_SHA256]) {
      const { learned } = await meet({ asks }, { serverPublicKey });
      expect(learned).not.toContain(PASSWORD);
    }
    const { error } = await meet({ asks: IN_CLEAR }, { serverPublicKey });
    expect(error).toMatchObject({ code: 'credentials' });
  });

  it.each([
    ['by caching_sha2_password', BY_CACHE],
    ['by sha256_password', BY_SHA256],
    ['in clear text', IN_CLEAR],
  ])('the password goes %s where the configuration says so', async (_, asks) => {
    const { learned } = await meet({ asks }, { allowInsecureLogin: true });
    expect(learned).toContain(PASSWORD);
  });
});

describe.skipIf(whyNoOpenssl)(`with TLS${whyNoOpenssl}`, () => {
  let authority: Authority;
  let tls: Certificate;
  beforeAll(async () => {
    authority = await createAuthority();
    tls = await authority.sign('DNS:evil.example');
  });
  afterAll(() => authority?.[Symbol.asyncDispose]());

  it.each([
    ['by caching_sha2_password', BY_CACHE],
    ['by sha256_password', BY_SHA256],
    ['in clear text', IN_CLEAR],
  ])('%s a server gets the password only when TLS has proven it', async (_, asks) => {
    const meetBy = (verify: 'full' | 'ca' | 'none', over: Partial<ServerAddress> = {}) =>
      meet({ asks, tls }, { tls: { verify, ca: authority.cert }, ...over });
    for (const verify of ['full', 'none'] as const) {
      const { error, learned } = await meetBy(verify);
      expect(error).toMatchObject({ code: 'credentials' });
      expect(learned).not.toContain(PASSWORD);
    }
    expect((await meetBy('ca')).learned).toContain(PASSWORD);
    expect((await meetBy('none', { allowInsecureLogin: true })).learned).toContain(PASSWORD);
  });

  it.each([
    ['caching_sha2_password', ask('caching_sha2_password')],
    ['sha256_password', ask('sha256_password')],
    ['nothing more than a word', Buffer.from([1, 4])],
  ])('what came before it counts for nothing: %s', async (_, injects) => {
    for (const verify of ['full', 'ca'] as const) {
      const { error, learned } = await meet(
        { asks: [WANTS_WHOLE_PASSWORD], tls, injects },
        { tls: { verify, ca: authority.cert } },
      );
      expect(error).toMatchObject({ code: 'credentials', message: expect.stringContaining('protocol') });
      expect(learned).not.toContain(PASSWORD);
    }
  });
});

it('a server that asks for a file which no statement of ours named gets not a byte of it', async () => {
  await using rogue = await startRogueServer({ asks: [], saysToStatement: askForFile(import.meta.filename) });
  const address = { label: 'source', host: 'localhost', port: rogue.port, user: 'wp', password: PASSWORD };
  await expect(connectSource(address)).rejects.toThrow();
  expect(rogue.learned()).not.toContain('askForFile');
});

describe.skipIf(whyNoMysql)(`a MySQL${whyNoMysql}`, () => {
  let server: PrivateServer;
  let address: ServerAddress;
  beforeAll(async () => {
    server = await startMysqlServer();
    await server.query(`CREATE USER wp@'%' IDENTIFIED WITH caching_sha2_password BY '${PASSWORD}';
      CREATE USER old@'%' IDENTIFIED WITH sha256_password BY '${PASSWORD}'`);
    address = { label: 'target "stg"', host: 'localhost', port: server.port, user: 'wp', password: PASSWORD };
  });
  afterAll(() => server?.stop());

  it.each(['wp', 'old'])(
    'of the account %s is refused without proof, and taken with each kind of it',
    async user => {
      // What listens at the address is then no server of ours, but something on the way to it.
      await using tunnel = await TcpProxy.start(server.port);
      const serverPublicKey = await readFile(`${server.dir}/data/public_key.pem`, 'utf8');
      const ca = await readFile(`${server.dir}/data/ca.pem`, 'utf8');
      const open = async (over: Partial<ServerAddress>): Promise<string> => {
        // What it has cached would let anybody in who knows the hash.
        await server.query('FLUSH PRIVILEGES');
        return connectTarget({ ...address, port: tunnel.port, user, ...over }).then(
          async connection => {
            await connection.end();
            return 'connected';
          },
          (error: { code: string }) => error.code,
        );
      };
      expect(await open({})).toBe('credentials');
      expect(await open({ tls: { verify: 'none' } })).toBe('credentials');
      expect(await open({ tls: { verify: 'none' }, serverPublicKey })).toBe('credentials');
      expect(await open({ serverPublicKey })).toBe('connected');
      expect(await open({ tls: { verify: 'ca', ca } })).toBe('connected');
      expect(await open({ allowInsecureLogin: true })).toBe('connected');
      expect(await open({ tls: { verify: 'none' }, allowInsecureLogin: true })).toBe('connected');
      const { host: _, port: __, ...here } = address;
      await (await connectTarget({ ...here, user, socketPath: server.socketPath })).end();
    },
  );

  it.skipIf(whyNotLinux)(
    `that we have started on this machine needs no further proof${whyNotLinux}`,
    async () => {
      for (const host of ['127.0.0.1', 'localhost']) {
        for (const user of ['wp', 'old']) {
          await server.query('FLUSH PRIVILEGES');
          await using connection = await connectTarget({ ...address, host, user });
          expect(connection.trust).toEqual({ tls: 'off', allowsInsecureLogin: false });
        }
      }
    },
  );
});

describe.skipIf(whyNoPlugin('auth_ed25519'))(`F22 MariaDB's ed25519${whyNoPlugin('auth_ed25519')}`, () => {
  it('lets in who knows the password, of any length and letters, and nobody else', async () => {
    await using server = await startMariadbServer({
      args: [`--plugin-dir=${findPluginFolder('auth_ed25519')}`],
    });
    await server.query("INSTALL SONAME 'auth_ed25519'");
    for (const password of ['r-secret', `Größe 😀 ${'long '.repeat(60)}`]) {
      await server.query("CREATE OR REPLACE USER wp@'%' IDENTIFIED VIA ed25519 USING PASSWORD(?)", [
        password,
      ]);
      const address = { label: 'source "prod"', host: 'localhost', port: server.port, user: 'wp', password };
      await using connection = await connectSource(address);
      expect(await connection.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      const error = await connectSource({ ...address, password: `${password}!` }).catch(
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ code: 'credentials', message: expect.stringContaining('Access denied') });
    }
  });
});
