// MariaDB's bulk execute, which the driver doesn't know: https://mariadb.com/kb/en/com_stmt_bulk_execute/

import type { Connection, ResultSetHeader } from 'mysql2';
import {
  type CommandState,
  type Internals,
  internalsOf,
  type QueryCommand,
  runCommand,
  writeCommand,
} from './driver.ts';

const COM_STMT_PREPARE = 0x16;
const COM_STMT_CLOSE = 0x19;
const COM_STMT_BULK_EXECUTE = 0xfa;
/** The types of the parameters follow. */
const SEND_TYPES = 128;
/** In place of a statement's id: the one that was prepared last. */
const LAST_PREPARED = 0xff_ff_ff_ff;

/** Of the packets that come from the server, what is read here. */
interface Packet {
  skip(bytes: number): void;
  readInt32(): number;
  readInt16(): number;
}

/** How the values of a column are sent. `bytes`: stored as they are. `text`: UTF-8, which the server converts. */
export type ParameterType = 'bytes' | 'text';

/** The protocol's types of a blob and of a string, each with a byte for flags. */
const PARAMETER_TYPES = { bytes: [0xfc, 0], text: [0xfe, 0] };

/** A statement that is prepared once and run for many rows at a time, by MariaDB's bulk execute: no text that the
 *  server has to take apart. */
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
    const isFirst = this.#id === LAST_PREPARED;
    let executed = 0;
    return runCommand(this.#connection, {
      write: self => {
        self.stream.cork();
        const prepared = isFirst
          ? writeCommand(self, Buffer.from([COM_STMT_PREPARE]), Buffer.from(this.#sql))
          : 0;
        executed = writeCommand(self, this.#buildHead(isFirst), rows);
        if (isLast) this.#writeClose(self);
        self.stream.uncork();
        return isFirst ? prepared : executed;
      },
      read: command => (isFirst ? this.#readPrepared(command, executed) : command.resultsetHeader),
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

  /** The answer to the preparation: the statement's id, then a packet for each parameter and one that ends them. Then
   *  comes the one to the execution, numbered anew. */
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
