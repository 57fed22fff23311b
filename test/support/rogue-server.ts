// Whoever answers at a server's address and wants the password, or a file: speaks just enough of the protocol.

import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

export interface RogueOptions {
  /** What it says once the client has introduced itself, each answer of the client's being answered by the next. */
  readonly asks: readonly Buffer[];
  /** With its own certificate; the client has to ask for it. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Is sent along with the greeting, in the hope that the client takes it for something that came by TLS. */
  readonly injects?: Buffer;
  /** What it says in place of a greeting. */
  readonly greets?: Buffer;
  /** What it says to each statement. */
  readonly saysToStatement?: Buffer;
}

export interface RogueServer extends AsyncDisposable {
  readonly port: number;
  /** All that it was sent, in clear as far as it can read it. */
  learned(): string;
}

const CHALLENGE = Buffer.from('abcdefghijklmnopqrst');
const CLIENT_SSL = 0x800;
const CAPABILITIES = 0x38a28f;

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** Another method of login, with a challenge. */
export const ask = (
  plugin: string,
  challenge: Buffer = Buffer.concat([CHALLENGE, Buffer.alloc(1)]),
): Buffer => Buffer.concat([Buffer.from([0xfe]), Buffer.from(`${plugin}\0`), challenge]);
export const ASK_FOR_OLD_PASSWORD = Buffer.from([0xfe]);
export const askForFactor = (plugin: string): Buffer => Buffer.from(`\x02${plugin}\0`);
export const WANTS_WHOLE_PASSWORD = Buffer.from([1, 4]);
export const OWN_KEY = Buffer.from(`\x01${publicKey}`);
export const WELCOME = Buffer.from([0, 0, 0, 2, 0, 0, 0]);
/** As a server asks for a file in LOAD DATA LOCAL INFILE. */
export const askForFile = (path: string): Buffer => Buffer.from(`\xfb${path}`, 'latin1');

export function toError(errno: number, message: string): Buffer {
  const head = Buffer.from([0xff, 0, 0]);
  head.writeUInt16LE(errno, 1);
  return Buffer.concat([head, Buffer.from(`#HY000${message}`)]);
}

export async function startRogueServer(options: RogueOptions): Promise<RogueServer> {
  const received: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    converse(socket, options, received);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    learned: () => received.flatMap(message => [message.toString('latin1'), decrypt(message)]).join('\n'),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function converse(plain: Socket, options: RogueOptions, received: Buffer[]): void {
  let socket = plain;
  let rest = Buffer.alloc(0);
  let questions = [...options.asks, WELCOME];
  const listen = (): void => {
    socket.on('data', chunk => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readUIntLE(0, 3)) {
        const body = Buffer.from(rest.subarray(4, 4 + rest.readUIntLE(0, 3)));
        const sequence = rest[3]!;
        rest = rest.subarray(4 + body.length);
        if (options.tls && socket === plain && body.length === 32) return encrypt(options.tls);
        received.push(body);
        const isStatement = sequence === 0;
        if (isStatement) questions = [options.saysToStatement ?? WELCOME];
        socket.write(frame(sequence + 1, questions.shift() ?? WELCOME));
      }
    });
  };
  const encrypt = (tls: { cert: string; key: string }): void => {
    plain.removeAllListeners('data');
    plain.pause();
    // What the client has sent behind its wish belongs to TLS already.
    plain.unshift(rest);
    rest = Buffer.alloc(0);
    socket = new TLSSocket(plain, { isServer: true, ...tls });
    socket.on('error', () => {});
    listen();
  };
  listen();
  const hello = frame(0, options.greets ?? greet(options.tls !== undefined));
  plain.write(options.injects ? Buffer.concat([hello, frame(2, options.injects)]) : hello);
}

function greet(offersTls: boolean): Buffer {
  const capabilities = CAPABILITIES | (offersTls ? CLIENT_SSL : 0);
  const low = Buffer.alloc(2);
  low.writeUInt16LE(capabilities & 0xffff);
  const high = Buffer.alloc(2);
  high.writeUInt16LE(capabilities >>> 16);
  return Buffer.concat([
    Buffer.from('\x0a10.11.99-MariaDB\0'),
    Buffer.from([42, 0, 0, 0]),
    CHALLENGE.subarray(0, 8),
    Buffer.from([0]),
    low,
    Buffer.from([45, 2, 0]),
    high,
    Buffer.from([21]),
    Buffer.alloc(10),
    CHALLENGE.subarray(8),
    Buffer.from('\0mysql_native_password\0'),
  ]);
}

function frame(sequence: number, body: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(body.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, body]);
}

/** What was encrypted with its own key, and mixed with its own challenge. */
function decrypt(message: Buffer): string {
  try {
    const mixed = privateDecrypt(
      { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
      message,
    );
    return Buffer.from(mixed.map((byte, i) => byte ^ CHALLENGE[i % CHALLENGE.length]!)).toString('latin1');
  } catch {
    return '';
  }
}
