// Takes the login out of the driver's hands: it checks no names in certificates that are addresses, goes on reading what
// came before TLS as if it had come by TLS, and gives the password by RSA or in clear text to whoever asks. As in driver.ts,
// here is what the program uses of the driver beyond its documented surface.

import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Connection } from 'mysql2';
import { buildFrameHeader, type Internals, internalsOf } from './driver.ts';
import { beginMethod, breakOff, type LoginMethod, type LoginTerms, refuseFactor } from './login-methods.ts';
import { LoginRefusal } from './login-refusal.ts';
import { leadsToOwnServer } from './own-server.ts';
import { startTls, type TlsSettings } from './start-tls.ts';

/** Of a server's address, what its login has to do with. */
export interface LoginAddress {
  readonly host?: string;
  readonly socketPath?: string;
  /** The server is reached by a port of this machine that leads to it. */
  readonly tunnel?: Tunnel;
  readonly password: string;
  /** Absent: no TLS. */
  readonly tls?: TlsSettings;
  /** PEM: by this key of the server's the password may be sent without TLS. */
  readonly serverPublicKey?: string;
  /** The password goes also to a server that nothing has proven, in whatever way it asks for it. */
  readonly allowInsecureLogin?: boolean;
}

/** A way to a server that this machine can't reach by its address. */
export interface Tunnel {
  /** The machine at the other end, for people. */
  readonly through: string;
  /** The port of this machine that leads there; opens the tunnel where it isn't open. */
  open(): Promise<number>;
}

/** Is it certain who answers, before anybody does? */
export function isProven({ socketPath, tls }: LoginAddress): boolean {
  return socketPath !== undefined || (tls !== undefined && tls.verify !== 'none');
}

interface ServerPacket {
  peekByte(): number | undefined;
  readInt8(): number;
  readBuffer(): Buffer;
}

interface LoginCommand {
  readonly handshake: object | null;
  execute(packet: ServerPacket | undefined, connection: LoginInternals): boolean;
  canUseAuthMethodDirectly(plugin: string): boolean;
  initializeAuthPlugin(plugin: string, challenge: Buffer): void;
  emit(event: 'error', error: Error): void;
  emit(event: 'end'): void;
}

interface LoginInternals extends Internals {
  stream: Socket;
  packetParser: Parser;
  /** The driver's own is the prototype's. */
  handlePacket?: (packet: unknown) => void;
  startTLS(onSecure: (error?: Error) => void): void;
  _handleNetworkError(error: Error): void;
}

interface Parser {
  execute(chunk: Buffer): void;
  readonly constructor: new (onPacket: (packet: unknown) => void) => Parser;
}

/** To be called before the driver has read anything: right after the connection was made, with `ssl` in its options where
 *  there is `tls`. */
export function guardLogin(connection: Connection, address: LoginAddress): void {
  const internals = internalsOf(connection) as LoginInternals;
  const login = internals._command as unknown as LoginCommand;
  const terms = readTerms(address, internals);
  const { tls } = address;
  if (tls)
    internals.startTLS = onSecure => {
      const host = address.socketPath === undefined ? (address.host ?? 'localhost') : undefined;
      encrypt(internals, tls, host).then(
        () => onSecure(),
        error => (error instanceof LoginRefusal ? onSecure(error) : internals._handleNetworkError(error)),
      );
    };
  // By all others the first answer would give the password away.
  login.canUseAuthMethodDirectly = plugin =>
    plugin === 'mysql_native_password' || plugin === 'caching_sha2_password';

  let method: LoginMethod | null = null;
  login.initializeAuthPlugin = (plugin, challenge) => {
    method = beginMethod(plugin, terms);
    // The driver has sent the answer already.
    method(challenge);
  };
  const execute = login.execute.bind(login);
  login.execute = (packet, self) => {
    const marker = packet?.peekByte();
    if (!packet || login.handshake === null || marker === OK || marker === ERROR)
      return execute(packet, self);
    try {
      const answer = answerQuestion(packet, marker);
      if (answer) writePacket(self, answer);
      return false;
    } catch (error) {
      const refusal = error instanceof LoginRefusal ? error : breakOff();
      login.emit('error', Object.assign(refusal, { fatal: true }));
      login.emit('end');
      return true;
    }
  };
  const answerQuestion = (packet: ServerPacket, marker: number | undefined): Buffer | null => {
    if (marker === SWITCH || marker === NEXT_FACTOR) {
      packet.readInt8();
      const body = packet.readBuffer();
      const end = body.indexOf(0);
      const plugin = body.subarray(0, end === -1 ? body.length : end).toString('latin1');
      if (marker === NEXT_FACTOR) throw refuseFactor(plugin);
      method = beginMethod(plugin, terms);
      return method(Buffer.from(end === -1 ? [] : body.subarray(end + 1)));
    }
    if (!method) throw breakOff();
    // MariaDB marks only what could be taken for something else.
    if (marker === MORE_DATA) packet.readInt8();
    return method(Buffer.from(packet.readBuffer()));
  };
}

function readTerms(address: LoginAddress, internals: LoginInternals): LoginTerms {
  const { password, socketPath, tunnel, tls, serverPublicKey, allowInsecureLogin = false } = address;
  return {
    password,
    transport: tls ? 'tls' : socketPath === undefined ? 'plain' : 'socket',
    isProven: () => isProven(address) || (!tls && !tunnel && leadsToOwnServer(internals.stream)),
    ...(serverPublicKey === undefined ? {} : { serverPublicKey }),
    allowsInsecure: allowInsecureLogin,
  };
}

const OK = 0x00;
const MORE_DATA = 0x01;
const NEXT_FACTOR = 0x02;
const SWITCH = 0xfe;
const ERROR = 0xff;

function writePacket(internals: LoginInternals, body: Buffer): void {
  internals.stream.write(Buffer.concat([buildFrameHeader(internals, body.length), body]));
}

/** Nothing that has come before counts afterwards, and nothing may come meanwhile. */
async function encrypt(internals: LoginInternals, tls: TlsSettings, host: string | undefined): Promise<void> {
  const plain = internals.stream;
  plain.removeAllListeners('data');
  const meddling = Promise.withResolvers<never>();
  internals.handlePacket = () => meddling.reject(breakOff());
  let secure: TLSSocket;
  try {
    secure = await Promise.race([startTls(plain, tls, host), meddling.promise]);
  } catch (error) {
    plain.destroy();
    throw error;
  }
  delete internals.handlePacket;
  internals.packetParser = new internals.packetParser.constructor(packet => internals.handlePacket?.(packet));
  secure.on('data', chunk => internals.packetParser.execute(chunk));
  secure.on('error', error => internals._handleNetworkError(error));
  internals.stream = secure;
}
