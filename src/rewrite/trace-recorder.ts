// Keeps what a walk tells: each run of host characters that was judged, where it lies, and what became of it.

import type { Buffer } from 'node:buffer';
import type { EscapeLayer } from './escape-layer.ts';
import type { TextFrame } from './frames.ts';
import type { HostRun } from './host-run.ts';
import { KeyPath } from './key-path.ts';
import type { TextMatch } from './match-text.ts';
import type { Decision, NameDecision } from './name-decision.ts';
import type { Trace } from './trace.ts';
import type { LeftReason } from './walk-value.ts';

export interface Judged {
  /** Bytes of the whole value: what matched or, where nothing did, the run. */
  readonly start: number;
  readonly end: number;
  readonly within: Within | undefined;
  readonly decision: NonNullable<Decision>;
  /** Why a match came to nothing. */
  lost: Loss | undefined;
}

export interface Loss {
  readonly reason: LeftReason;
  /** Where the token begins that can't be right. */
  readonly faultAt: number;
}

/** What a place lies in, from the inside out. Undefined: in the text of the value itself. */
export interface Within {
  readonly label: string;
  readonly outer: Within | undefined;
}

interface Level {
  readonly bytes: Buffer;
  readonly text: TextFrame;
  readonly within: Within | undefined;
  keys: KeyPath | undefined;
}

/** For one value. */
export class TraceRecorder implements Trace {
  readonly judged: Judged[] = [];
  readonly #nameDecision: NameDecision;
  readonly #levels: Level[] = [];
  readonly #layers: EscapeLayer[] = [];

  constructor(nameDecision: NameDecision) {
    this.#nameDecision = nameDecision;
  }

  enterText(bytes: Buffer, text: TextFrame): void {
    const outer = this.#levels.at(-1);
    // A layer's own text begins, on the level above, where the layer does.
    const start = text.holder === undefined ? (this.#layers.at(-1)?.offsets[0] ?? 0) : text.start;
    const around = outer && placeOn(outer, start);
    const within = readsAsJson(bytes, text.start, text.end) ? { label: 'JSON', outer: around } : around;
    this.#levels.push({ bytes, text, within, keys: undefined });
  }

  leaveText(): void {
    this.#levels.pop();
  }

  enterLayer(layer: EscapeLayer): void {
    this.#layers.push(layer);
  }

  leaveLayer(): void {
    this.#layers.pop();
  }

  judge(bytes: Buffer, run: HostRun, match: TextMatch | undefined): void {
    const decision = this.#nameDecision(bytes, run, match);
    if (decision === undefined) return;
    const { start, end } = match === undefined || match.isEmail ? run : match;
    this.judged.push({
      start: this.#toOriginal(start),
      end: this.#toOriginal(end),
      within: this.#levels.at(-1)!.within,
      decision,
      lost: undefined,
    });
  }

  giveUp(from: number, at: number, reason: LeftReason): void {
    const loss = { reason, faultAt: this.#toOriginal(at) };
    const start = this.#toOriginal(from);
    for (let i = this.judged.length - 1; i >= 0; i--) {
      const judged = this.judged[i]!;
      if (judged.start < start) return;
      judged.lost ??= loss;
    }
  }

  #toOriginal(offset: number): number {
    return this.#layers.reduceRight((at, layer) => layer.offsets[at]!, offset);
  }
}

/** Of the byte at `offset` of a text: in the serialized value that is being read there, if one is. */
function placeOn(level: Level, offset: number): Within | undefined {
  const { value } = level.text;
  if (value === undefined) return level.within;
  if (level.keys?.start !== value.at) level.keys = new KeyPath(level.bytes, value.at);
  const { path, isKey } = level.keys.readTo(offset);
  return { label: `${isKey ? 'key of ' : ''}serialized${path}`, outer: level.within };
}

const JSON_ENDS = new Set(['{}', '[]']);

function readsAsJson(bytes: Buffer, start: number, end: number): boolean {
  const [first, last] = [bytes[start] ?? 0, bytes[end - 1] ?? 0];
  if (!JSON_ENDS.has(String.fromCharCode(first, last))) return false;
  try {
    JSON.parse(bytes.toString('utf8', start, end));
    return true;
  } catch {
    return false;
  }
}
