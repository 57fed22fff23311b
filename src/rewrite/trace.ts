// What a walk tells somebody who wants to see why it did what it did. Without a trace it tells nothing, and that is
// how a copy runs.

import type { Buffer } from 'node:buffer';
import type { EscapeLayer } from './escape-layer.ts';
import type { TextFrame } from './frames.ts';
import type { HostRun } from './host-run.ts';
import type { TextMatch } from './match-text.ts';
import type { LeftReason } from './walk-value.ts';

/** Places are those of the bytes that are being read: within a layer, those of the layer. */
export interface Trace {
  /** The frame is the walk's own and changes as the walk goes on. */
  enterText(bytes: Buffer, text: TextFrame): void;
  leaveText(): void;
  /** A layer is walked like a value of its own, in between. */
  enterLayer(layer: EscapeLayer): void;
  leaveLayer(): void;
  /** A run of host characters that may hold something to rewrite, and what a rule made of it. */
  judge(bytes: Buffer, run: HostRun, match: TextMatch | undefined): void;
  /** All matches from `from` on, as far as was judged, are taken back because of the token at `at`. */
  giveUp(from: number, at: number, reason: LeftReason): void;
}
