import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveServer } from '../../../src/config/resolve-server.ts';
import { configSchema, type Environment } from '../../../src/config/schema.ts';

function makeEnvironment(database: Record<string, unknown>): Environment {
  const { environments } = configSchema.parse({
    environments: { prod: { database: { user: 'wp', password: 'in clear here', name: 'wp', ...database } } },
  });
  return { name: 'prod', folder: '.', ...environments.prod! };
}

it('gives the driver what it needs, the password in clear', async () => {
  expect(await resolveServer(makeEnvironment({ host: 'db' }), 'source')).toEqual({
    label: 'source "prod"',
    host: 'db',
    port: 3306,
    user: 'wp',
    password: 'in clear here',
  });
  expect(await resolveServer(makeEnvironment({ socketPath: '/s' }), 'source')).not.toHaveProperty('port');
});

it.each([
  [false, undefined],
  [true, { verify: 'full' }],
  [{}, { verify: 'full' }],
  [{ verify: 'ca' }, { verify: 'ca' }],
  [{ serverName: 'db.example.edu' }, { verify: 'full', serverName: 'db.example.edu' }],
  // As configurations of before have it.
  [{ verify: true }, { verify: 'full' }],
  [{ verify: false }, { verify: 'none' }],
])('tls: %j', async (tls, expected) => {
  expect((await resolveServer(makeEnvironment({ host: 'db', tls }), 'source')).tls).toEqual(expected);
});

it('hands over that a password may be given away only where the configuration says so', async () => {
  expect(await resolveServer(makeEnvironment({ host: 'db' }), 'source')).not.toHaveProperty(
    'allowInsecureLogin',
  );
  const allowing = makeEnvironment({ host: 'db', allowInsecureLogin: true });
  expect(await resolveServer(allowing, 'source')).toMatchObject({ allowInsecureLogin: true });
});

describe('files', () => {
  const CASES = join(import.meta.dirname, '../../cases/certificates');
  const [certificate, key] = [join(CASES, 'example.pem'), join(CASES, 'example.key')];
  const cert = readFileSync(certificate, 'utf8');
  const resolve = (database: Record<string, unknown>) =>
    resolveServer(makeEnvironment({ host: 'db', ...database }), 'source');
  let folder: string;
  let other: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wfuwp-tls-'));
    other = join(folder, 'other.pem');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    await writeFile(other, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await writeFile(join(folder, 'text'), 'PEM');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are read', async () => {
    expect(await resolve({ tls: { ca: certificate, cert: certificate, key } })).toMatchObject({
      tls: { verify: 'full', ca: cert, cert, key: readFileSync(key, 'utf8') },
    });
    expect(await resolve({ serverPublicKey: certificate })).toMatchObject({ serverPublicKey: cert });
  });

  it.each([
    ['tls.ca', (text: string) => ({ tls: { ca: text } })],
    ['tls.cert', (text: string) => ({ tls: { cert: text, key } })],
    ['tls.key', (text: string) => ({ tls: { cert: certificate, key: text } })],
    ['serverPublicKey', (text: string) => ({ serverPublicKey: text })],
  ])('that are missing or no PEM are named: %s', async (setting, using) => {
    const said = new RegExp(`^Cannot read environments\\.prod\\.database\\.${setting.replace('.', '\\.')}: `);
    for (const file of [join(folder, 'nowhere'), join(folder, 'text')])
      await expect(resolve(using(file))).rejects.toMatchObject({
        code: 'config_invalid',
        message: expect.stringMatching(said),
      });
  });

  it('the key of another certificate is none', async () => {
    await expect(resolve({ tls: { cert: certificate, key: other } })).rejects.toThrow(
      'not the key of "cert"',
    );
  });
});
