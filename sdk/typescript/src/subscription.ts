/** What is heard on the topics of a pattern, as an async iterable. */

import type { Push } from "./envelope.js";
import { OverflowError } from "./errors.js";
import { concerns } from "./topic.js";

/** Pushes that wait for their reader. */
const WAITING = 10_000;

interface Reader {
  resolve(result: IteratorResult<Push, undefined>): void;
  reject(error: unknown): void;
}

/** A subscription: read it with `for await`, end it with `close()` or by leaving the loop. One reader at a time. */
export class Subscription implements AsyncIterableIterator<Push> {
  private waiting: Push[] = [];
  private readers: Reader[] = [];
  private ended = false;
  private error: unknown;

  constructor(
    readonly pattern: string,
    private readonly onEnd: (subscription: Subscription) => void,
  ) {}

  /** The next push. Rejects, once, where the subscription ended with an error. */
  next(): Promise<IteratorResult<Push, undefined>> {
    const push = this.waiting.shift();
    if (push) return Promise.resolve({ value: push, done: false });
    if (this.error !== undefined) {
      const error = this.error;
      this.error = undefined;
      return Promise.reject(error);
    }
    if (this.ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.readers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<Push, undefined>> {
    this.close();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Listens no longer. */
  close(): void {
    this.waiting = [];
    this.fail(undefined);
  }

  /** Takes a push, if it is one of its own. */
  take(push: Push): void {
    if (this.ended || !concerns(this.pattern, push)) return;
    const reader = this.readers.shift();
    if (reader) return reader.resolve({ value: push, done: false });
    this.waiting.push(push);
    if (this.waiting.length > WAITING) this.fail(new OverflowError(`${this.pattern} is read too slowly: ${WAITING} pushes wait`));
  }

  /** Ends, after what waits has been read. */
  fail(error: unknown): void {
    if (this.ended) return;
    this.ended = true;
    const [first, ...others] = this.readers.splice(0);
    if (first && error !== undefined) first.reject(error);
    else {
      first?.resolve({ value: undefined, done: true });
      this.error = error;
    }
    for (const reader of others) reader.resolve({ value: undefined, done: true });
    this.onEnd(this);
  }
}
