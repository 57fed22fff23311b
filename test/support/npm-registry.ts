// A registry for npm on this machine, with just what is installed beside the program for its users, as it is in
// node_modules: installing a package can be tried without a network, and nothing but what a user gets can be found.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Version {
  readonly folder: string;
  readonly manifest: { readonly name: string; readonly version: string };
}

export async function startNpmRegistry(): Promise<{ url: string } & AsyncDisposable> {
  const versions = await listVersions();
  const server = createServer(({ url = '' }, response) => {
    const [name = '', version] = url.slice(1).split('/-/').map(decodeURIComponent);
    const found = versions.filter(({ manifest }) => manifest.name === name);
    const wanted = found.find(({ manifest }) => manifest.version === version);
    if (found.length === 0 || (version !== undefined && wanted === undefined)) response.writeHead(404).end();
    else if (wanted === undefined) response.end(JSON.stringify(describePackage(found, address())));
    else pack(wanted.folder).pipe(response);
  });
  const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: address(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/** What the lock file doesn't mark as a development package, and may be there in several versions. */
async function listVersions(): Promise<Version[]> {
  const lock = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  const folders = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true);
  return Promise.all(
    folders.map(async ([path]) => {
      const folder = join(ROOT, path);
      return { folder, manifest: JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) };
    }),
  );
}

function describePackage(versions: readonly Version[], url: string): unknown {
  const { name } = versions[0]!.manifest;
  const entries = versions.map(({ manifest }) => {
    const tarball = `${url}${encodeURIComponent(name)}/-/${manifest.version}`;
    return [manifest.version, { ...manifest, dist: { tarball } }] as const;
  });
  return { name, 'dist-tags': { latest: entries.at(-1)?.[0] }, versions: Object.fromEntries(entries) };
}

function pack(folder: string): NodeJS.ReadableStream {
  const args = ['-czf', '-', '-C', folder, '--exclude=./node_modules', '--transform=s,^[.],package,', '.'];
  return execa('tar', args, { buffer: false, reject: false }).stdout;
}
