// Servers prove themselves: the name in the certificate, who has signed it, and what is told when they don't.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTarget, type ServerAddress } from '../../../src/mysql/client.ts';
import { type Authority, type Certificate, createAuthority, whyNoOpenssl } from '../../support/certificates.ts';
import { type MariadbServer, startMariadbServer } from '../../support/mariadb-server.ts';

describe.skipIf(whyNoOpenssl)(`a server with a certificate${whyNoOpenssl}`, () => {
  let authority: Authority;
  let stranger: Authority;
  let own: Certificate;
  let server: MariadbServer;
  beforeAll(async () => {
    authority = await createAuthority();
    stranger = await createAuthority();
    own = await authority.sign('DNS:client.example.edu');
    server = await startWith(await authority.sign('DNS:db.example.edu', 'DNS:localhost'));
    await server.query(
      `CREATE USER plain@'%' IDENTIFIED BY 'plain-pw';
       CREATE USER certified@'%' IDENTIFIED BY 'plain-pw' REQUIRE X509`,
    );
  });
  afterAll(() =>
    Promise.all([server?.stop(), ...[authority, stranger].map(it => it?.[Symbol.asyncDispose]())]),
  );

  const startWith = (certificate: Certificate): Promise<MariadbServer> =>
    startMariadbServer({
      args: [
        `--ssl-ca=${authority.certFile}`,
        `--ssl-cert=${certificate.certFile}`,
        `--ssl-key=${certificate.keyFile}`,
      ],
    });

  type Tls = NonNullable<ServerAddress['tls']>;
  const at = (tls: Tls | undefined, over: Partial<ServerAddress> = {}): ServerAddress => ({
    label: 'target "stg"',
    host: 'localhost',
    port: server.port,
    user: 'plain',
    password: 'plain-pw',
    ...(tls === undefined ? {} : { tls }),
    ...over,
  });
  const full = (): Tls => ({ verify: 'full', ca: authority.cert });

  async function readCipher(address: ServerAddress): Promise<string> {
    await using connection = await connectTarget(address);
    const [row] = await connection.query<{ Value: string }>("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    return row!.Value;
  }
  const refusal = async (address: ServerAddress): Promise<unknown> =>
    connectTarget(address).then(
      () => 'connected',
      (error: unknown) => error,
    );

  it('is taken by the name that it has been asked for, and all is encrypted', async () => {
    expect(await readCipher(at(full()))).not.toBe('');
    expect(await readCipher(at(undefined))).toBe('');
  });

  it.each([
    [
      'another name that leads to it',
      { host: '127.0.0.1' },
      /is for db\.example\.edu, localhost, and not for 127\.0\.0\.1/,
    ],
    [
      'a name of ours for it that it has not',
      { tlsName: 'other.example.edu' },
      /not for other\.example\.edu/,
    ],
  ] as const)(
    'is refused by %s',
    async (_, { tlsName, ...over }: { tlsName?: string; host?: string }, message) => {
      const error = await refusal(at({ ...full(), ...(tlsName && { serverName: tlsName }) }, over));
      expect(error).toMatchObject({
        code: 'credentials',
        exitCode: 12,
        message: expect.stringMatching(message),
        hint: expect.stringContaining('"serverName"'),
      });
    },
  );

  it('is taken by a name of ours that it has, at whatever address', async () => {
    const named = { ...full(), serverName: 'db.example.edu' };
    expect(await readCipher(at(named, { host: '127.0.0.1' }))).not.toBe('');
  });

  it('is taken by its number, where that is in the certificate', async () => {
    await using numbered = await startWith(await authority.sign('IP:127.0.0.1'));
    const there = { port: numbered.port, user: 'nobody' };
    // Refused for the user: the certificate was fine.
    expect(await refusal(at(full(), { host: '127.0.0.1', ...there }))).toMatchObject({
      message: expect.stringContaining('Access denied'),
    });
    expect(await refusal(at(full(), there))).toMatchObject({
      message: expect.stringContaining('is for 127.0.0.1, and not for localhost'),
    });
  });

  it('is refused where a stranger has signed, unless nothing is to be proven', async () => {
    const unknown = { code: 'credentials', hint: expect.stringContaining('"ca"') };
    expect(await refusal(at({ verify: 'full', ca: stranger.cert }))).toMatchObject(unknown);
    expect(await refusal(at({ verify: 'ca', ca: stranger.cert }))).toMatchObject(unknown);
    expect(await refusal(at({ verify: 'full' }))).toMatchObject(unknown);
    expect(await readCipher(at({ verify: 'none' }))).not.toBe('');
  });

  it('may have any name where only the authority counts, which the connection knows', async () => {
    await using connection = await connectTarget(
      at({ verify: 'ca', ca: authority.cert }, { host: '127.0.0.1' }),
    );
    expect(connection.trust).toEqual({ tls: 'ca', allowsInsecureLogin: false });
  });

  it('gets our certificate where an account wants one', async () => {
    const certified = { user: 'certified' };
    expect(await refusal(at(full(), certified))).toMatchObject({ code: 'credentials' });
    expect(await readCipher(at({ ...full(), cert: own.cert, key: own.key }, certified))).not.toBe('');
  });

  it('is told apart from one that has none', async () => {
    await using bare = await startMariadbServer({ args: ['--skip-ssl'] });
    expect(await refusal(at(full(), { port: bare.port }))).toMatchObject({
      code: 'credentials',
      hint: expect.stringContaining('offers no TLS'),
    });
  });

  it('says what to do where it takes nothing but TLS', async () => {
    await using strict = await startMariadbServer({
      args: ['--require-secure-transport=ON', ...[`--ssl-cert=${own.certFile}`, `--ssl-key=${own.keyFile}`]],
    });
    await strict.query("CREATE USER plain@'%' IDENTIFIED BY 'plain-pw'");
    expect(await refusal(at(undefined, { port: strict.port }))).toMatchObject({
      code: 'credentials',
      hint: expect.stringContaining('takes only TLS, set "tls"'),
    });
  });
});
