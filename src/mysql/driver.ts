// What this program uses of the driver beyond its documented surface; only driver-login.ts knows more of it. The driver's
// version is pinned for that reason; the tests in test/integration/mysql fail when an update moves these parts.

import type { Duplex } from 'node:stream';
import type { Connection, QueryError, ResultSetHeader } from 'mysql2';
import { type PacketHandler, PacketParser } from './packet-parser.ts';

/** One row: `buffer[start..end)` is the payload of its packet in the text protocol. The bytes are overwritten when
 *  the handler has returned, or when its promise is fulfilled: no further row comes before. */
export type RowHandler = PacketHandler;

export type CommandState = (packet: unknown, connection: Internals) => CommandState | null;

interface DriverConfig {
  readonly clientFlags: number;
  readonly constructor: { queryOptions(config: DriverConfig, overrides: object): object };
}

export interface QueryCommand {
  /** What takes the next packet. */
  next: CommandState | null;
  start: (packet: undefined, connection: Internals) => CommandState | null;
  readonly readField: CommandState;
  readonly fieldsEOF: CommandState;
  readonly row: CommandState;
  readonly _fieldCount: number;
  /** How values are read; only needed where there are rows. */
  options?: object;
  resultsetHeader: CommandState;
  infileOk: CommandState;
  _streamLocalInfile: (connection: Internals) => CommandState;
  /** Also after an error. */
  once(event: 'end', listener: () => void): void;
  /** Before the first row is read. */
  once(event: 'fields', listener: (fields: Field[] | undefined) => void): void;
}

interface Field {
  readonly schema: string;
  readonly name: string;
  encoding: string;
}

type QueryCallback = (error: QueryError | null, result: unknown) => void;

export interface Internals {
  readonly stream: Duplex;
  readonly config: DriverConfig;
  readonly serverCapabilityFlags: number;
  /** What runs now. */
  readonly _command?: object | null;
  /** What comes after it. */
  readonly _commands: { readonly length: number };
  /** What the server said of itself; absent before the login. */
  readonly _handshakePacket?: { readonly mariadbExtendedCapabilityFlags?: number };
  packetParser: { execute(chunk: Buffer): void };
  sequenceId: number;
  query(command: QueryCommand | string, callback?: QueryCallback): QueryCommand;
  readonly constructor: {
    createQuery(options: object, values: undefined, callback: QueryCallback, config: object): QueryCommand;
  };
}

const MAX_FRAME_BYTES = 0xff_ff_ff;
const COM_QUERY = 0x03;
const CLIENT_QUERY_ATTRIBUTES = 1 << 27;
/** Of MariaDB's extended capabilities. The driver declares that it knows any of them only to a server that has the
 *  second. */
const BULK_OPERATIONS = 1 << 2;
const EXTENDED_METADATA = 1 << 3;

export function internalsOf(connection: Connection): Internals {
  return connection as unknown as Internals;
}

/** Drops the connection; whatever runs or waits on it rejects. The driver's own destroy() only half-closes the
 *  socket: a paused one never ends, and its queries stay pending for ever. */
export function dropConnection(connection: Connection): void {
  const lost = Object.assign(new Error('The connection was dropped.'), { code: 'ECONNABORTED' });
  internalsOf(connection).stream.destroy(lost);
}

/** Is a statement running, or paused half-way? */
export function isBusy(connection: Connection): boolean {
  return Boolean(internalsOf(connection)._command);
}

/** Has the server ended it, or has it been dropped? */
export function isLost(connection: Connection): boolean {
  const { stream } = internalsOf(connection);
  return stream.destroyed || stream.readableEnded;
}

/** Has what a server says of its tables read as UTF-8, which it is but for what lies beyond Unicode's first plane, and
 *  there no name may lie. The driver's decoder for MySQL's own UTF-8 makes strings of as many pieces as they have
 *  characters, and so they stay: of a large network's names tens of MB. */
export function readNamesAsUtf8(command: Pick<QueryCommand, 'once'>): void {
  command.once('fields', fields => {
    for (const field of fields ?? []) {
      const isName = field.schema === 'information_schema' || field.name === 'Create Table';
      if (isName && field.encoding === 'cesu8') field.encoding = 'utf8';
    }
  });
}

/** Runs a SELECT and hands over each row's bytes; no object is made per row or value. The connection must be idle.
 *  Rejects with the driver's error or with what `onRow` threw; after that it is good for nothing but destroying. */
export function readRows(connection: Connection, sql: string, onRow: RowHandler): Promise<void> {
  if (isBusy(connection)) throw new Error('Rows can only be read on an idle connection.');
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const internals = internalsOf(connection);
  const driverParser = internals.packetParser;
  const command = internals.query(sql, error => (error ? reject(error) : resolve()));

  const deliver = (buffer: Buffer, start: number, end: number): Promise<void> | undefined => {
    const wait = onRow(buffer, start, end);
    if (wait === undefined) return undefined;
    internals.stream.pause();
    return wait.then(() => {
      internals.stream.resume();
    });
  };
  let skippedFields = 0;
  const parser = new PacketParser((buffer, start, end) => {
    // Nobody asks what the columns are, and the driver would make an object of each and a parser for their values.
    if (command.next === command.readField) {
      skippedFields += 1;
      if (skippedFields === command._fieldCount) command.next = command.fieldsEOF;
      return undefined;
    }
    if (command.next === command.row && !isLastPacket(buffer, start, end)) {
      try {
        const wait = deliver(buffer, start, end);
        wait?.catch(reject);
        return wait;
      } catch (error) {
        reject(error as Error);
        // Nothing more is parsed, and nothing more is read into memory.
        internals.stream.pause();
        return new Promise(() => {});
      }
    }
    // All else is the driver's: how many columns there are, the end, an error.
    internals.sequenceId = parser.sequenceId;
    driverParser.execute(Buffer.from(buffer.subarray(start - 4, end)));
    if (internals._command !== command) {
      internals.packetParser = driverParser;
      parser.end();
    }
    return undefined;
  });
  internals.packetParser = parser;
  return promise;
}

/** After the rows comes a short packet that begins with 0xfe, or an error. No row does: 0xfe would announce a first
 *  value of more than 16 MB. */
function isLastPacket(buffer: Buffer, start: number, end: number): boolean {
  const first = buffer[start];
  return first === 0xff || (first === 0xfe && end - start < 9);
}

/** Runs a statement that is given as bytes. `statement` may be changed when the promise settles, with the driver's header
 *  of the answer, or with rows. */
export function sendStatement<T = ResultSetHeader>(connection: Connection, statement: Buffer): Promise<T> {
  return runCommand<T>(connection, {
    write(self) {
      const { config, serverCapabilityFlags } = self;
      const withAttributes = (config.clientFlags & serverCapabilityFlags & CLIENT_QUERY_ATTRIBUTES) !== 0;
      return writeCommand(self, Buffer.from(withAttributes ? [COM_QUERY, 0, 1] : [COM_QUERY]), statement);
    },
    read(command, { config }) {
      command.options = config.constructor.queryOptions(config, {});
      readNamesAsUtf8(command);
      return command.resultsetHeader;
    },
  });
}

/** A command of our own that the server answers as it answers a statement. */
interface OwnCommand {
  /** Returns the number that the answer's first packet will have. */
  write(self: Internals): number;
  /** What takes that packet. */
  read(command: QueryCommand, self: Internals): CommandState;
}

/** How many commands of our own wait for their answer on a connection and are written already. */
const written = new WeakMap<Internals, number>();

/** Runs the command. When the connection has nothing before it but written commands of our own, it is written at once,
 *  behind them: the server goes on from one to the next without waiting for us. Only of a MariaDB that we talk to
 *  ourselves is it known to take commands so. Aurora and some proxies answer the first and forget the others; none of
 *  them has bulk execute. */
export function runCommand<T>(connection: Connection, { write, read }: OwnCommand): Promise<T> {
  const internals = internalsOf(connection);
  const waiting = internals._commands.length + (internals._command ? 1 : 0);
  const mayPipeline = waiting > 0 && waiting === (written.get(internals) ?? 0) && takesBulk(connection);
  const count = (change: number): void => {
    written.set(internals, (written.get(internals) ?? 0) + change);
  };
  return new Promise<T>((resolve, reject) => {
    const command = internals.constructor.createQuery(
      { sql: '' },
      undefined,
      (error, result) => (error ? reject(error) : resolve(result as T)),
      internals.config,
    );
    sendTogether(internals);
    const ahead = mayPipeline ? writeAhead(internals, write) : null;
    if (mayPipeline) count(1);
    command.start = (_packet, self) => {
      self.sequenceId = ahead ?? write(self);
      if (!mayPipeline) count(1);
      return read(command, self);
    };
    command.once('end', () => count(-1));
    internals.query(command);
  });
}

/** What is written before the turn ends goes out in one piece: to send costs more than what is sent. */
function sendTogether({ stream }: Internals): void {
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/** The driver numbers the packets of the command that runs, and must find them so. */
function writeAhead(internals: Internals, write: OwnCommand['write']): number {
  const { sequenceId } = internals;
  const next = write(internals);
  internals.sequenceId = sequenceId;
  return next;
}

/** Tells the server, if it is one that has it, that this connection may use MariaDB's bulk execute. To be called before
 *  the driver has read anything: right after the connection was made. */
export function offerBulk(connection: Connection): void {
  const login = internalsOf(connection)._command as { mariadbExtendedClientFlags: number };
  login.mariadbExtendedClientFlags = BULK_OPERATIONS;
}

/** After the login: may this connection use MariaDB's bulk execute? */
export function takesBulk(connection: Connection): boolean {
  const offered = internalsOf(connection)._handshakePacket?.mariadbExtendedCapabilityFlags ?? 0;
  return (offered & BULK_OPERATIONS) !== 0 && (offered & EXTENDED_METADATA) !== 0;
}

/** A LOAD DATA LOCAL INFILE statement that runs, and the way in for the bytes of its "file". */
export class InfileStatement {
  /** Rejects with the driver's error, also while the file is being written. */
  readonly result: Promise<ResultSetHeader>;
  readonly #internals: Internals;
  /** Fulfilled when the server asks for the file. */
  readonly #asked = Promise.withResolvers<void>();

  constructor(connection: Connection, sql: string) {
    const internals = internalsOf(connection);
    this.#internals = internals;
    this.result = new Promise((resolve, reject) => {
      const command = internals.query(sql, (error, result) =>
        error ? reject(error) : resolve(result as ResultSetHeader),
      );
      // The driver's own way of sending a file ends it with one packet that all connections share: with two loads at
      // a time the one gets the other's sequence number, and its server waits for ever.
      command._streamLocalInfile = () => {
        this.#asked.resolve();
        return command.infileOk;
      };
    });
  }

  /** Fulfilled when `bytes` (less than 16 MB) may be used again. Never, if the statement fails: see `result`. */
  async write(bytes: Buffer): Promise<void> {
    await this.#asked.promise;
    const { stream } = this.#internals;
    stream.cork();
    stream.write(buildFrameHeader(this.#internals, bytes.length));
    const flushed = new Promise<void>(resolve => {
      stream.write(bytes, error => {
        if (!error) resolve();
      });
    });
    stream.uncork();
    return flushed;
  }

  /** The file's last bytes, and its end: of most files the only ones, and sent as one. They may be used again when
   *  `result` has come. */
  async end(bytes: Buffer): Promise<void> {
    await this.#asked.promise;
    const { stream } = this.#internals;
    stream.cork();
    if (bytes.length > 0) {
      stream.write(buildFrameHeader(this.#internals, bytes.length));
      stream.write(bytes);
    }
    stream.write(buildFrameHeader(this.#internals, 0));
    stream.uncork();
  }
}

/** Writes a command, in as many frames as it takes. (The driver's own framing sends one frame too many for a statement of
 *  a few bytes less than 16 MB.) Returns the number that the answer's first packet will have. */
export function writeCommand(connection: Internals, head: Buffer, body: Buffer): number {
  const { stream } = connection;
  connection.sequenceId = 0;
  let start = head;
  let offset = 0;
  let frameBytes: number;
  stream.cork();
  do {
    const part = body.subarray(offset, offset + MAX_FRAME_BYTES - start.length);
    frameBytes = start.length + part.length;
    stream.write(buildFrameHeader(connection, frameBytes));
    stream.write(start);
    stream.write(part);
    offset += part.length;
    start = Buffer.alloc(0);
  } while (frameBytes === MAX_FRAME_BYTES);
  stream.uncork();
  return connection.sequenceId;
}

export function buildFrameHeader(connection: Internals, bytes: number): Buffer {
  const header = Buffer.allocUnsafe(4);
  header.writeUIntLE(bytes, 0, 3);
  header[3] = connection.sequenceId;
  connection.sequenceId = (connection.sequenceId + 1) % 256;
  return header;
}
