// The state as JSON text, for its file. The text of every site is kept and made again only when an event was about it:
// all at once, a network of thousands of sites would hold up the run for as long as it takes, every second.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Recorded } from './events.ts';
import type { MigrationState } from './state.ts';
import { NETWORK, type SiteId } from './words.ts';

/** Sites a turn: some milliseconds. */
const AT_ONCE = 200;

export class StateText {
  readonly #texts = new Map<SiteId, string>();
  readonly #changed = new Set<SiteId>();
  #isAll = false;

  /** Must see every event that the state has folded in since the first call of `of`. */
  mark(line: Recorded): void {
    if ('siteIds' in line) for (const siteId of line.siteIds) this.#changed.add(siteId);
    if ('siteId' in line) this.#changed.add(line.siteId);
  }

  /** The state of one moment, the one at which this resolves; the pieces may be read later. */
  async of(state: Readonly<MigrationState>): Promise<Iterable<string>> {
    if (!this.#isAll) for (const siteId of Object.keys(state.sites)) this.#changed.add(Number(siteId));
    this.#isAll = true;
    while (this.#changed.size > AT_ONCE) {
      this.#renew(state, AT_ONCE);
      await nextTurn();
    }
    this.#renew(state, AT_ONCE);
    const { sites: _, ...head } = state;
    return joinPieces(JSON.stringify(head), [...this.#texts.values()]);
  }

  #renew(state: Readonly<MigrationState>, count: number): void {
    let left = count;
    for (const siteId of this.#changed) {
      if (left === 0) return;
      left -= 1;
      this.#changed.delete(siteId);
      const site = siteId === NETWORK ? undefined : state.sites[siteId];
      if (site) this.#texts.set(siteId, `"${siteId}":${JSON.stringify(site)}`);
    }
  }
}

function* joinPieces(head: string, sites: readonly string[]): Generator<string> {
  yield `${head.slice(0, -1)},"sites":{`;
  for (const [index, site] of sites.entries()) {
    if (index > 0) yield ',';
    yield site;
  }
  yield '}}\n';
}
