import { EventEmitter } from 'node:events';

/** A stream as a display sees it, that remembers what was written. */
export class FakeTerminal extends EventEmitter {
  isTTY = true;
  columns = 80;
  rows = 24;
  colors = false;
  readonly writes: string[] = [];

  write(text: string): boolean {
    this.writes.push(text);
    return true;
  }

  hasColors(): boolean {
    return this.colors;
  }

  get text(): string {
    return this.writes.join('');
  }

  asStream(): NodeJS.WriteStream {
    return this as unknown as NodeJS.WriteStream;
  }
}
