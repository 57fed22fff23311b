// One page of a web server, asked for as a browser would ask for it, but never following a redirect: where it leads is
// for others to judge. May be sent to another address than its host's, for environments that no DNS knows.

import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { maskLongSecrets } from '../lib/mask-secrets.ts';

export interface PageRequest {
  readonly url: URL;
  readonly method?: string;
  /** Where to connect to instead of the URL's host; only scheme, host and port of it count. */
  readonly connectTo?: URL | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Until the last byte. */
  readonly timeoutMs: number;
  /** Default: true. */
  readonly verifyCertificate?: boolean;
  readonly signal?: AbortSignal;
}

export interface Page {
  readonly status: number;
  /** Of a redirect. */
  readonly location: string | null;
  /** Decoded; cut off where it is too long to be looked at as a whole. */
  readonly body: Buffer;
  readonly isCut: boolean;
  /** Until the last byte. */
  readonly latencyMs: number;
}

/** More than any page has; less than a download that never ends. */
export const MOST_BODY_BYTES = 2 * 1024 * 1024;

/** Rejects with an Error whose message says in words why there is no page. */
export async function requestPage(request: PageRequest): Promise<Page> {
  const { url, connectTo, timeoutMs, signal } = request;
  const timeout = AbortSignal.timeout(timeoutMs);
  const stop = signal ? AbortSignal.any([signal, timeout]) : timeout;
  const startedAt = performance.now();
  try {
    const response = await send(request, stop);
    const { body, isCut } = await readBody(response);
    return {
      status: response.statusCode ?? 0,
      location: response.headers.location ?? null,
      body,
      isCut,
      latencyMs: Math.round(performance.now() - startedAt),
    };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (timeout.aborted) throw new Error(`no answer within ${timeoutMs / 1000} s`, { cause: error });
    throw explain(error as NodeJS.ErrnoException, connectTo ?? url);
  }
}

async function send(
  { url, method = 'GET', connectTo, headers = {}, verifyCertificate = true }: PageRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const place = connectTo ?? url;
  const { request } = place.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options = {
    method,
    hostname: place.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: place.port,
    path: `${url.pathname}${url.search}`,
    headers: {
      host: url.host,
      'user-agent': 'wfuwp',
      accept: 'text/html,*/*',
      'accept-encoding': 'identity',
      // A server behind a proxy would else send everybody to https, which it is asked for already.
      ...(connectTo ? { 'x-forwarded-proto': url.protocol.slice(0, -1) } : {}),
      ...headers,
    },
    agent: false as const,
    signal,
    ...(place.protocol === 'https:'
      ? { servername: url.hostname, rejectUnauthorized: verifyCertificate }
      : {}),
  };
  request(options, resolve).on('error', reject).end();
  return promise;
}

async function readBody(response: IncomingMessage): Promise<{ body: Buffer; isCut: boolean }> {
  const decoded = decode(response);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of decoded as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes <= MOST_BODY_BYTES) continue;
    response.destroy();
    return { body: Buffer.concat(chunks).subarray(0, MOST_BODY_BYTES), isCut: true };
  }
  return { body: Buffer.concat(chunks), isCut: false };
}

const DECODERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** Some servers compress although nobody has asked for it. */
function decode(response: IncomingMessage): Readable {
  const make = DECODERS.get(String(response.headers['content-encoding'] ?? '').toLowerCase());
  if (!make) return response;
  const decoder = make();
  response.on('error', error => decoder.destroy(error));
  return response.pipe(decoder);
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'no DNS server knows this name',
  EAI_AGAIN: 'no DNS server answers',
  ECONNRESET: 'the connection was dropped',
  EHOSTUNREACH: 'no route leads there',
  ENETUNREACH: 'no route leads there',
  ETIMEDOUT: 'nobody answers there',
};

function explain(error: NodeJS.ErrnoException, place: URL): Error {
  const { code = '', message } = error;
  const isTls = code.startsWith('ERR_TLS') || /CERT|SIGNATURE|CRL|ISSUER/.test(code) || /SSL|TLS/.test(code);
  const said = maskLongSecrets(message);
  const what = isTls ? `its certificate or TLS is refused: ${said}` : (REASONS[code] ?? said);
  return new Error(`${place.host}: ${what}${code && !what.includes(code) ? ` (${code})` : ''}`, {
    cause: error,
  });
}
