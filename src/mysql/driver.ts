// What this program uses of the driver beyond its documented surface, and the only file that knows it. The driver's
// version is pinned for that reason; the tests in test/integration/mysql fail when an update moves these parts.

import type { Duplex } from 'node:stream';
import type { Connection, QueryError, ResultSetHeader } from 'mysql2';
import { type PacketHandler, PacketParser } from './packet-parser.ts';

/** One row: `buffer[start..end)` is the payload of its packet in the text protocol. The bytes are overwritten when
 *  the handler has returned, or when its promise is fulfilled: no further row comes before. */
export type RowHandler = PacketHandler;

type CommandState = (packet: unknown, connection: Internals) => CommandState | null;

interface QueryCommand {
  /** What takes the next packet. */
  next: CommandState | null;
  start: (packet: undefined, connection: Internals) => CommandState | null;
  readonly readField: CommandState;
  readonly fieldsEOF: CommandState;
  readonly row: CommandState;
  readonly _fieldCount: number;
  resultsetHeader: CommandState;
  infileOk: CommandState;
  _streamLocalInfile: (connection: Internals) => CommandState;
}

type QueryCallback = (error: QueryError | null, result: unknown) => void;

interface Internals {
  readonly stream: Duplex;
  readonly config: { readonly clientFlags: number };
  readonly serverCapabilityFlags: number;
  /** What runs now. */
  readonly _command?: object | null;
  /** What the server said of itself; absent before the login. */
  readonly _handshakePacket?: { readonly mariadbExtendedCapabilityFlags?: number };
  packetParser: { execute(chunk: Buffer): void };
  sequenceId: number;
  query(command: QueryCommand | string, callback?: QueryCallback): QueryCommand;
  readonly constructor: {
    createQuery(options: object, values: undefined, callback: QueryCallback, config: object): QueryCommand;
  };
}

/** Of the packets that come from the server, what this file reads. */
interface Packet {
  skip(bytes: number): void;
  readInt32(): number;
  readInt16(): number;
}

const MAX_FRAME_BYTES = 0xff_ff_ff;
const COM_QUERY = 0x03;
const COM_STMT_PREPARE = 0x16;
const COM_STMT_CLOSE = 0x19;
const COM_STMT_BULK_EXECUTE = 0xfa;
const CLIENT_QUERY_ATTRIBUTES = 1 << 27;
/** Of MariaDB's extended capabilities. The driver declares that it knows any of them only to a server that has the
 *  second. */
const BULK_OPERATIONS = 1 << 2;
const EXTENDED_METADATA = 1 << 3;
/** The types of the parameters follow. */
const SEND_TYPES = 128;
/** In place of a statement's id: the one that was prepared last. */
const LAST_PREPARED = 0xff_ff_ff_ff;

function internalsOf(connection: Connection): Internals {
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

/** Runs a statement without rows that is given as bytes. `statement` may be changed when the promise settles. */
export function sendStatement(connection: Connection, statement: Buffer): Promise<ResultSetHeader> {
  return runCommand(connection, command => (_packet, self) => {
    const { config, serverCapabilityFlags } = self;
    const withAttributes = (config.clientFlags & serverCapabilityFlags & CLIENT_QUERY_ATTRIBUTES) !== 0;
    writeCommand(self, Buffer.from(withAttributes ? [COM_QUERY, 0, 1] : [COM_QUERY]), statement);
    return command.resultsetHeader;
  });
}

/** Runs a command of our own that the server answers as it answers a statement without rows. */
function runCommand(
  connection: Connection,
  start: (command: QueryCommand) => QueryCommand['start'],
): Promise<ResultSetHeader> {
  const internals = internalsOf(connection);
  return new Promise((resolve, reject) => {
    const command = internals.constructor.createQuery(
      { sql: '' },
      undefined,
      (error, result) => (error ? reject(error) : resolve(result as ResultSetHeader)),
      internals.config,
    );
    command.start = start(command);
    internals.query(command);
  });
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

/** How the values of a column are sent. `bytes`: stored as they are. `text`: UTF-8, which the server converts. */
export type ParameterType = 'bytes' | 'text';

/** The protocol's types of a blob and of a string, each with a byte for flags. */
const PARAMETER_TYPES = { bytes: [0xfc, 0], text: [0xfe, 0] };

/** A statement that is prepared once and run for many rows at a time, by MariaDB's bulk execute: no text that the
 *  server has to take apart. https://mariadb.com/kb/en/com_stmt_bulk_execute/ */
export class BulkStatement {
  readonly #connection: Connection;
  readonly #sql: string;
  readonly #types: readonly ParameterType[];
  #id = LAST_PREPARED;

  /** `types`: of the statement's parameters. */
  constructor(connection: Connection, sql: string, types: readonly ParameterType[]) {
    this.#connection = connection;
    this.#sql = sql;
    this.#types = types;
  }

  /** Runs it for rows in the protocol's form: before each value a byte, 0, then the value's length and bytes; or only a
   *  byte 1 for NULL. The first time it is prepared as well, and the last time closed: all of that is written at once.
   *  `rows` may be changed when the promise settles. After an error the connection is good for nothing but destroying. */
  execute(rows: Buffer, isLast: boolean): Promise<ResultSetHeader> {
    return runCommand(this.#connection, command => (_packet, self) => {
      const isFirst = this.#id === LAST_PREPARED;
      self.stream.cork();
      if (isFirst) writeCommand(self, Buffer.from([COM_STMT_PREPARE]), Buffer.from(this.#sql));
      writeCommand(self, this.#buildHead(isFirst), rows);
      const executed = self.sequenceId;
      if (isLast) this.#writeClose(self);
      self.stream.uncork();
      // The number of the next packet that comes: the answers are numbered like their commands.
      self.sequenceId = isFirst ? 1 : executed;
      return isFirst ? this.#readPrepared(command, executed) : command.resultsetHeader;
    });
  }

  /** For when nothing is left to run, and nothing runs. */
  close(): void {
    if (this.#id === LAST_PREPARED) return;
    this.#writeClose(internalsOf(this.#connection));
  }

  #buildHead(withTypes: boolean): Buffer {
    const head = Buffer.alloc(7);
    head[0] = COM_STMT_BULK_EXECUTE;
    head.writeUInt32LE(this.#id, 1);
    head.writeUInt16LE(withTypes ? SEND_TYPES : 0, 5);
    return withTypes ? Buffer.from([...head, ...this.#types.flatMap(type => PARAMETER_TYPES[type])]) : head;
  }

  /** There is no answer to it. */
  #writeClose(internals: Internals): void {
    const body = Buffer.alloc(4);
    body.writeUInt32LE(this.#id);
    writeCommand(internals, Buffer.from([COM_STMT_CLOSE]), body);
  }

  /** The answer to the preparation: the statement's id, then a packet for each parameter and one that ends them. */
  #readPrepared(command: QueryCommand, executed: number): CommandState {
    let awaited = 0;
    const passDefinition: CommandState = (_packet, self) => {
      awaited -= 1;
      if (awaited > 0) return passDefinition;
      self.sequenceId = executed;
      return command.resultsetHeader;
    };
    return packet => {
      const answer = packet as Packet;
      answer.skip(1);
      this.#id = answer.readInt32();
      answer.skip(2);
      awaited = answer.readInt16() + 1;
      return passDefinition;
    };
  }
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
 *  a few bytes less than 16 MB.) */
function writeCommand(connection: Internals, head: Buffer, body: Buffer): void {
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
}

function buildFrameHeader(connection: Internals, bytes: number): Buffer {
  const header = Buffer.allocUnsafe(4);
  header.writeUIntLE(bytes, 0, 3);
  header[3] = connection.sequenceId;
  connection.sequenceId = (connection.sequenceId + 1) % 256;
  return header;
}
