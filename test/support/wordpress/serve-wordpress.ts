// A WordPress that answers over HTTP, on a port of its own, for every host of its environment: as a web server behind
// a proxy that ends TLS. No name is looked up; a visit goes to the port and says the host.

import { request } from 'node:http';
import { execa } from 'execa';
import { withParent } from '../private-server.ts';
import { PASSWORD } from './install-network.ts';
import { describeToPhp, ROUTER, WORDPRESS_CORE, type WordpressSettings } from './run-php.ts';

export interface Page {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
  readonly cookies: readonly string[];
}

export interface Session {
  readonly cookie: string;
}

export interface ServedWordpress extends AsyncDisposable {
  /** GET, without following redirects; with a session, as the one who has logged in. */
  visit(url: string, session?: Session): Promise<Page>;
  /** By the login form of the site at `home`. Throws when WordPress refuses. */
  logIn(home: string, login: string): Promise<Session>;
}

export async function serveWordpress(settings: WordpressSettings): Promise<ServedWordpress> {
  const { flags, env } = await describeToPhp(settings);
  const args = [...flags, '-S', '127.0.0.1:0', '-t', WORDPRESS_CORE, ROUTER];
  const server = execa(...withParent('php', args), {
    env,
    stdin: 'ignore',
    stdout: 'ignore',
    buffer: false,
    reject: false,
  });
  const port = await readPort(server.stderr);
  const ask = (url: string, cookie?: string, form?: Record<string, string>): Promise<Page> =>
    send(port, new URL(url), cookie, form);
  return {
    visit: (url, session) => ask(url, session?.cookie),
    async logIn(home, login) {
      const form = { log: login, pwd: PASSWORD, redirect_to: `${home}wp-admin/`, testcookie: '1' };
      const page = await ask(`${home}wp-login.php`, 'wordpress_test_cookie=WP%20Cookie%20check', form);
      if (page.status !== 302)
        throw new Error(`${home} does not let ${login} in: ${page.status} ${page.body}`);
      return { cookie: page.cookies.map(cookie => cookie.split(';')[0]).join('; ') };
    },
    async [Symbol.asyncDispose]() {
      server.kill();
      await server;
    },
  };
}

/** PHP tells the port that it was given on stderr, and each request from then on. */
async function readPort(stderr: NodeJS.ReadableStream): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let text = '';
  stderr.on('data', (chunk: Buffer) => {
    if (text.length < 10_000) text += chunk.toString();
    const found = /127\.0\.0\.1:(\d+)\) started/.exec(text)?.[1];
    if (found !== undefined) resolve(Number(found));
  });
  stderr.on('end', () => reject(new Error(`php -S ended: ${text}`)));
  return promise;
}

function send(port: number, url: URL, cookie?: string, form?: Record<string, string>): Promise<Page> {
  const { promise, resolve, reject } = Promise.withResolvers<Page>();
  const body = form && new URLSearchParams(form).toString();
  const asked = request(
    {
      host: '127.0.0.1',
      port,
      path: url.pathname + url.search,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        Host: url.host,
        ...(cookie === undefined ? {} : { Cookie: cookie }),
        ...(body === undefined
          ? {}
          : {
              'Content-Type': 'application/x-www-form-urlencoded',
              'Content-Length': Buffer.byteLength(body),
            }),
      },
    },
    response => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          location: response.headers.location,
          body: Buffer.concat(chunks).toString(),
          cookies: response.headers['set-cookie'] ?? [],
        }),
      );
    },
  );
  asked.on('error', reject);
  asked.end(body);
  return promise;
}
