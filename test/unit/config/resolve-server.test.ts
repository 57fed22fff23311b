import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resolveServer } from '../../../src/config/resolve-server.ts';
import { configSchema, type Environment } from '../../../src/config/schema.ts';

function makeEnvironment(database: Record<string, unknown>): Environment {
  const { environments } = configSchema.parse({
    environments: { prod: { database: { user: 'wp', password: 'in clear here', name: 'wp', ...database } } },
  });
  return { name: 'prod', ...environments.prod! };
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
  [true, { rejectUnauthorized: true }],
  [{ verify: false }, { rejectUnauthorized: false }],
])('tls: %j', async (tls, expected) => {
  expect((await resolveServer(makeEnvironment({ host: 'db', tls }), 'source')).tls).toEqual(expected);
});

it('reads the certificate authority, or says that it can not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wfuwp-tls-'));
  const ca = join(folder, 'ca.pem');
  const environment = makeEnvironment({ host: 'db', tls: { ca } });
  await expect(resolveServer(environment, 'source')).rejects.toThrow(
    /environments\.prod\.database\.tls\.ca.*ENOENT/,
  );
  await writeFile(ca, 'PEM');
  expect((await resolveServer(environment, 'source')).tls).toEqual({ rejectUnauthorized: true, ca: 'PEM' });
  await rm(folder, { recursive: true });
});
