/** How long to wait before the next attempt to connect. */

/** Bounds of the pauses between attempts, in milliseconds. */
export interface Pauses {
  /** Before the first further attempt; doubled for each that follows. */
  minMs: number;
  /** The longest. */
  maxMs: number;
}

/** A connection that held for this long was a good one: the pauses begin anew. */
const GOOD_MS = 5_000;

/** Pauses that grow with each failure, each shortened by chance, so that a crowd does not come back at once. */
export class Backoff {
  private failures = 0;

  constructor(
    private readonly pauses: Pauses,
    private readonly random: () => number = Math.random,
  ) {}

  /** The next pause, after a connection that held for so long (0 where there was none). */
  next(heldMs: number): number {
    if (heldMs >= GOOD_MS) this.failures = 0;
    const { minMs, maxMs } = this.pauses;
    const longest = Math.min(maxMs, minMs * 2 ** Math.min(this.failures, 30));
    this.failures += 1;
    return longest / 2 + (longest / 2) * this.random();
  }
}
