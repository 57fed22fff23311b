// A TCP line between the program and a server that a test can break: what networks, load balancers and failovers do.
//
//   await using proxy = await TcpProxy.start(server.port);
//   const caught = proxy.trap({ sends: 'RENAME TABLE', chunk: 'passes' });
//   … (await caught).cut();

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface Trap {
  /** Springs when the program sends this text: in one piece, as a statement does. */
  readonly sends?: string;
  /** Springs when the server has sent more than this on one connection. */
  readonly afterReceiving?: number;
  /** Springs when the program has sent more than this on one connection. */
  readonly afterSending?: number;
  /** Does what springs the trap still get through? */
  readonly chunk?: 'passes' | 'held';
}

export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #lines = new Set<Line>();
  #traps: { trap: Trap; caught: PromiseWithResolvers<Line> }[] = [];
  #port: number;
  #refusing = false;
  #stalled = false;

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer({ allowHalfOpen: false }, client => this.#open(client));
  }

  /** Leads to `port` of this machine. */
  static async start(port: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(port);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resets every connection. */
  cut(): void {
    for (const line of this.#lines) line.cut();
  }

  /** From now on new connections are reset at once, or not any more. */
  refuse(refusing = true): void {
    this.#refusing = refusing;
  }

  /** New connections lead to another server; the ones that are open stay. */
  redirect(port: number): void {
    this.#port = port;
  }

  /** No byte passes any more, on no connection, and none is told. */
  stall(): void {
    this.#stalled = true;
    for (const line of this.#lines) line.hold();
  }

  /** Takes back `stall`, and lets every held connection go on. */
  release(): void {
    this.#stalled = false;
    for (const line of this.#lines) line.release();
  }

  /** The first connection that does this is held there: it stays open, and nothing passes until the test says how it
   *  goes on. */
  trap(trap: Trap): Promise<Line> {
    const caught = Promise.withResolvers<Line>();
    // Of one that a test doesn't wait for.
    caught.promise.catch(() => {});
    this.#traps.push({ trap, caught });
    return caught.promise;
  }

  /** Nobody will come any more: whoever waits for a trap is told why. */
  abandonTraps(reason: string): void {
    for (const { caught } of this.#traps.splice(0)) caught.reject(new Error(reason));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #open(client: Socket): void {
    if (this.#refusing) {
      client.resetAndDestroy();
      return;
    }
    const line = new Line(client, connect(this.#port, '127.0.0.1'), (chunk, sent) => {
      const sprung = this.#traps.find(({ trap }) => springs(trap, line, chunk, sent));
      if (!sprung) return null;
      this.#traps = this.#traps.filter(other => other !== sprung);
      sprung.caught.resolve(line);
      return sprung.trap.chunk ?? 'passes';
    });
    this.#lines.add(line);
    void line.closed.then(() => this.#lines.delete(line));
    if (this.#stalled) line.hold();
  }
}

/** One connection through the proxy. */
export class Line {
  readonly #ends: readonly [client: Socket, server: Socket];
  /** Resolves when both ends have gone. */
  readonly closed: Promise<unknown>;
  #held: (() => void)[] | null = null;
  sentBytes = 0;
  receivedBytes = 0;

  constructor(
    client: Socket,
    server: Socket,
    look: (chunk: Buffer, sent: boolean) => 'passes' | 'held' | null,
  ) {
    this.#ends = [client, server];
    this.closed = Promise.all(this.#ends.map(end => new Promise(resolve => end.once('close', resolve))));
    for (const [from, to, sent] of [
      [client, server, true],
      [server, client, false],
    ] as const) {
      from.setNoDelay(true);
      // A reset is told by 'close'.
      from.on('error', () => {});
      from.on('data', chunk => {
        if (sent) this.sentBytes += chunk.length;
        else this.receivedBytes += chunk.length;
        const caught = look(chunk, sent);
        if (caught === 'held') this.hold();
        this.#pass(() => to.write(chunk));
        if (caught === 'passes') this.hold();
      });
      from.on('close', hadError => {
        this.#pass(() => {
          if (hadError) to.resetAndDestroy();
          else to.end();
        });
      });
    }
  }

  /** Nothing passes, not even that an end has gone. */
  hold(): void {
    this.#held ??= [];
    for (const end of this.#ends) end.pause();
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const pass of held) pass();
    for (const end of this.#ends) end.resume();
  }

  /** Resets both ends; what is held is lost. */
  readonly cut = (): void => {
    this.#held = null;
    for (const end of this.#ends) end.resetAndDestroy();
  };

  #pass(deed: () => void): void {
    if (this.#held) this.#held.push(deed);
    else deed();
  }
}

function springs(trap: Trap, line: Line, chunk: Buffer, sent: boolean): boolean {
  const { sends, afterReceiving, afterSending } = trap;
  if (sends !== undefined) return sent && chunk.includes(sends);
  if (afterReceiving !== undefined) return line.receivedBytes > afterReceiving;
  return afterSending !== undefined && line.sentBytes > afterSending;
}
