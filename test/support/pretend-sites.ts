// A web server in place of the target's, for probes: it answers for every site as the test wants, and knows by the Host
// header and the path whose page is asked for.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Request {
  readonly host: string;
  readonly path: string;
  /** `/site0003/` is site 4's, as the generator has it; the main site is 1. */
  readonly siteId: number;
  readonly isLogin: boolean;
  readonly headers: IncomingMessage['headers'];
}

/** null: a sound page. */
export type Answer = (request: Request, response: ServerResponse) => string | null;

export class PretendSites implements AsyncDisposable {
  readonly url: string;
  readonly requests: Request[] = [];
  /** May be changed at any time. */
  answer: Answer = () => null;
  readonly #close: () => Promise<void>;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  static async start(): Promise<PretendSites> {
    const server = createServer((incoming, response) => {
      const path = incoming.url ?? '';
      const request = {
        host: incoming.headers.host ?? '',
        path,
        siteId: 1 + Number(/^\/site(\d+)\//.exec(path)?.[1] ?? 0),
        isLogin: path.endsWith('/wp-login.php'),
        headers: incoming.headers,
      };
      sites.requests.push(request);
      const body = sites.answer(request, response);
      if (body === null) response.end(`<html><a href="https://${request.host}${path}">Home</a></html>`);
      else if (!response.writableEnded && body !== '') response.end(body);
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const sites = new PretendSites(`http://127.0.0.1:${port}`, async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    });
    return sites;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}
