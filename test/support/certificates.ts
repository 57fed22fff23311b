// Certificates for tests, made by openssl: an authority, and what it has signed.

import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface Authority extends Certificate, AsyncDisposable {
  /** `names`: as `DNS:localhost` or `IP:127.0.0.1`. */
  sign(...names: readonly string[]): Promise<Certificate>;
}

/** For the title of what is skipped without it. */
export const whyNoOpenssl = (process.env.PATH ?? '')
  .split(delimiter)
  .some(dir => existsSync(join(dir, 'openssl')))
  ? ''
  : ' (not tried: there is no openssl)';

export async function createAuthority(): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), 'wfuwp-ca-'));
  let count = 0;
  const openssl = (...args: readonly string[]) => execa('openssl', args, { cwd: folder });
  const read = async (name: string): Promise<Certificate> => {
    const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
    return {
      cert: await readFile(certFile, 'utf8'),
      key: await readFile(keyFile, 'utf8'),
      certFile,
      keyFile,
    };
  };
  const request = (name: string, subject: string, ...more: readonly string[]) =>
    openssl(
      ...['req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${subject}`, '-keyout', `${name}.key`],
      ...more,
    );
  await request('ca', 'An authority', '-x509', '-days', '2', '-out', 'ca.pem');
  return {
    ...(await read('ca')),
    async sign(...names) {
      const name = `signed${++count}`;
      await request(name, names[0]!.replace(/^\w+:/, ''), '-out', `${name}.csr`);
      await writeFile(join(folder, `${name}.ext`), `subjectAltName=${names.join(',')}`);
      await openssl(
        ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
        ...['-days', '2', '-extfile', `${name}.ext`, '-out', `${name}.pem`],
      );
      return await read(name);
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
