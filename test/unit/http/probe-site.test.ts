import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { type Probe, probeSite } from '../../../src/http/probe-site.ts';

const PROBE: Probe = {
  scheme: 'http',
  connectTo: null,
  headers: { authorization: 'Basic c2VjcmV0' },
  verifyCertificate: true,
  timeoutMs: 5_000,
  login: true,
};

it.each([
  [(evil: string) => ({ domain: 'art.stg.example.edu', path: `@${evil}/` })],
  [(evil: string) => ({ domain: 'art.stg.example.edu', path: `.${evil}/` })],
  [(evil: string) => ({ domain: `${evil}/art.stg.example.edu`, path: '/' })],
  [(evil: string) => ({ domain: `${evil}\\art.stg.example.edu`, path: '/' })],
  [(evil: string) => ({ domain: `${evil}?art.stg.example.edu`, path: '/' })],
  [(evil: string) => ({ domain: `${evil}#art.stg.example.edu`, path: '/' })],
  [(evil: string) => ({ domain: `art.stg.example.edu@${evil}`, path: '/' })],
  [(evil: string) => ({ domain: `art.stg.example.edu\t@${evil}`, path: '/' })],
  [(evil: string) => ({ domain: `${evil}`, path: '' })],
])(
  'a site that names another server in its address is not asked for, and gets no header: %#',
  async makeSite => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.end('x');
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const site = makeSite(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    const probed = await probeSite(site, PROBE, () => [], new AbortController().signal);
    server.close();
    expect(asked).toEqual([]);
    expect(probed).toEqual({
      verdicts: [{ test: 'http_status', error: `http://${site.domain}${site.path} is no address` }],
      latencyMs: null,
    });
  },
);

it('a site is asked for its two pages, with the headers', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    response.end('x');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const domain = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const probed = await probeSite({ domain, path: '/art/' }, PROBE, () => [], new AbortController().signal);
  server.close();
  expect(asked).toEqual(['/art/ Basic c2VjcmV0', '/art/wp-login.php Basic c2VjcmV0']);
  expect(probed.verdicts.every(({ error }) => error === null)).toBe(true);
});
