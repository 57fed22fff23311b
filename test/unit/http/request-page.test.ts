import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { afterEach, expect, it } from 'vitest';
import { MOST_BODY_BYTES, requestPage } from '../../../src/http/request-page.ts';
import { whyNoOpenssl } from '../../support/certificates.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  }
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function listen(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

/** Asks such a server for a page of a site that no DNS knows. */
async function ask(handler: Handler, over: Partial<Parameters<typeof requestPage>[0]> = {}) {
  const port = await listen(createServer(handler));
  return requestPage({
    url: new URL('https://art.stg.example.edu/a/?b=1'),
    connectTo: new URL(`http://127.0.0.1:${port}`),
    timeoutMs: 10_000,
    ...over,
  });
}

it('asks the server that is named for the page of the site, and does not follow a redirect', async () => {
  let seen: IncomingMessage | undefined;
  const page = await ask(
    (request, response) => {
      seen = request;
      response.writeHead(301, { location: '/elsewhere' }).end('moved');
    },
    { headers: { 'X-Key': 'v' } },
  );
  expect(page).toMatchObject({ status: 301, location: '/elsewhere', isCut: false });
  expect(page.body.toString()).toBe('moved');
  expect(seen).toMatchObject({ url: '/a/?b=1', method: 'GET' });
  expect(seen!.headers).toMatchObject({
    host: 'art.stg.example.edu',
    'x-forwarded-proto': 'https',
    'x-key': 'v',
  });
});

it('decodes what comes compressed unasked', async () => {
  const page = await ask((_, response) => {
    response.setHeader('content-encoding', 'gzip');
    response.end(gzipSync('Hello'));
  });
  expect(page.body.toString()).toBe('Hello');
});

it('F10 takes an encoding of which it does not know as none', async () => {
  const page = await ask((_, response) => {
    response.setHeader('content-encoding', 'constructor');
    response.end('Hello');
  });
  expect(page.body.toString()).toBe('Hello');
});

it('says so of a body that is not what it says', async () => {
  const page = ask((_, response) => {
    response.setHeader('content-encoding', 'gzip');
    response.end('no gzip');
  });
  await expect(page).rejects.toThrow(/incorrect header check/);
});

it('reads no more of an endless page than it looks at', async () => {
  let isClosed = false;
  const page = await ask((_, response) => {
    const piece = Buffer.alloc(64 * 1024, 'x');
    const pump = (): void => {
      while (!isClosed && response.write(piece));
    };
    response.on('drain', pump).on('close', () => {
      isClosed = true;
    });
    pump();
  });
  expect(page.isCut).toBe(true);
  expect(page.body.length).toBe(MOST_BODY_BYTES);
});

it.each<[string, Handler, RegExp]>([
  ['no answer', () => {}, /^no answer within 0\.3 s$/],
  ['half an answer', (_, response) => response.writeHead(200).write('half'), /^no answer within 0\.3 s$/],
  ['a dropped connection', request => request.socket.destroy(), /the connection was dropped \(ECONNRESET\)$/],
])('says what there was instead of a page: %s', async (_, handler, said) => {
  await expect(ask(handler, { timeoutMs: 300 })).rejects.toThrow(said);
});

it('says when nobody listens', async () => {
  const port = await listen(createServer());
  const server = servers.pop()!;
  await new Promise(resolve => server.close(resolve));
  const url = new URL(`http://127.0.0.1:${port}/`);
  await expect(requestPage({ url, timeoutMs: 5_000 })).rejects.toThrow(
    `127.0.0.1:${port}: nobody listens there (ECONNREFUSED)`,
  );
});

it('throws what the signal says, and nothing of its own', async () => {
  const stop = new AbortController();
  const page = ask(() => stop.abort(new Error('the run stops')), { signal: stop.signal });
  await expect(page).rejects.toThrow('the run stops');
});

it.skipIf(whyNoOpenssl)(
  `refuses a certificate that does not check out, unless it may${whyNoOpenssl}`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wfuwp-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=art.stg.example.edu', '-addext', 'subjectAltName=DNS:art.stg.example.edu'];
    const made = await execa(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject],
      { reject: false },
    );
    expect(made.exitCode, made.stderr).toBe(0);
    const port = await listen(
      createTlsServer({ key: await readFile(key), cert: await readFile(cert) }, (request, response) => {
        response.end(`secret to ${request.headers.host}`);
      }),
    );
    await rm(folder, { recursive: true });
    const request = {
      url: new URL('https://art.stg.example.edu/'),
      connectTo: new URL(`https://127.0.0.1:${port}`),
      timeoutMs: 10_000,
    };
    await expect(requestPage(request)).rejects.toThrow(/its certificate or TLS is refused: self-signed/);
    const page = await requestPage({ ...request, verifyCertificate: false });
    expect(page.body.toString()).toBe('secret to art.stg.example.edu');
  },
);
