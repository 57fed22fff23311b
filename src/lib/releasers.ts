/** Things that were opened, to be let go of in reverse order. (Node's own AsyncDisposableStack is younger than the
 *  oldest Node that the published code runs on.) */
export class Releasers implements AsyncDisposable {
  #releases: (() => Promise<void> | void)[] = [];

  /** Keeps `resource` and answers it. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.#releases.push(async () => resource[Symbol.asyncDispose]());
    return resource;
  }

  add(release: () => Promise<void> | void): void {
    this.#releases.push(release);
  }

  /** Hands everything over to a new owner; disposing of this one then does nothing. */
  move(): Releasers {
    const other = new Releasers();
    other.#releases = this.#releases;
    this.#releases = [];
    return other;
  }

  /** Every release runs, also after one that failed; the first failure is thrown in the end. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const release of this.#releases.splice(0).reverse()) {
      try {
        await release();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
