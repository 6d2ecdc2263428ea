/** A line to the server: one connection after the other, and what is to outlive each of them. */

import { Backoff } from "./backoff.js";
import type { Pauses } from "./backoff.js";
import { Connection } from "./connection.js";
import type { Ears } from "./connection.js";
import type { Key } from "./envelope.js";
import { CallError, ClosedError, ConnectionLostError, OverflowError, QuintetError, TimeoutError } from "./errors.js";

/** Who may wait for a connection at once. */
const WAITING = 10_000;

/** Where messages for people go. `console` is one. */
export interface Log {
  info(...words: unknown[]): void;
  warn(...words: unknown[]): void;
  error(...words: unknown[]): void;
}

/** What a line is to do. */
export interface Plan {
  url: string;
  key: Key;
  ears: Ears;
  log: Log;
  pauses?: Partial<Pauses> | undefined;
  /** What is said first on each connection. What it throws ends the line, unless it may be otherwise next time. */
  welcome(connection: Connection): Promise<void>;
  /** Whether a lost connection is replaced at once; else only when somebody wants one. */
  keeps(): boolean;
  /** A welcomed connection has ended. */
  left?(): void;
}

interface Waiting {
  resolve(connection: Connection): void;
  reject(error: unknown): void;
}

/** Keeps one connection at a time. */
export class Line {
  private opened: Connection | undefined;
  /** The connection that is ready, where there is one. */
  private ready: Connection | undefined;
  private waiting: Waiting[] = [];
  private running: Promise<void> | undefined;
  private closed = false;
  private wake: (() => void) | undefined;
  private readonly backoff: Backoff;
  private readonly ears: Ears;

  constructor(private readonly plan: Plan) {
    const order: Ears["order"] = (connection, frame) => {
      // Who is given orders is welcome, even if that answer has not been dealt with yet.
      this.admit(connection);
      plan.ears.order(connection, frame);
    };
    this.ears = { ...plan.ears, order };
    this.backoff = new Backoff({ minMs: 200, maxMs: 15_000, ...plan.pauses });
  }

  /** The connection that is ready, if there is one now. */
  get current(): Connection | undefined {
    return this.ready;
  }

  /** A connection that is ready: this one or the next. Rejects when there will be none. */
  connection(): Promise<Connection> {
    if (this.ready) return Promise.resolve(this.ready);
    if (this.closed) return Promise.reject(new ClosedError("it has been closed"));
    if (this.waiting.length >= WAITING) return Promise.reject(new OverflowError("too many requests wait for a connection"));
    const next = new Promise<Connection>((resolve, reject) => this.waiting.push({ resolve, reject }));
    this.run().catch(() => undefined);
    return next;
  }

  /** Keeps connecting until it is closed, which resolves, or refused, which rejects. */
  run(): Promise<void> {
    if (this.closed) return Promise.resolve();
    this.running ??= this.keep().finally(() => (this.running = undefined));
    return this.running;
  }

  /** Ends it, after what was said before; resolves when the connection has ended. */
  async close(): Promise<void> {
    this.closed = true;
    this.wake?.();
    this.ready = undefined;
    this.opened?.close();
    this.dismiss(new ClosedError("it has been closed"));
    await this.running?.catch(() => undefined);
  }

  private async keep(): Promise<void> {
    try {
      while (!this.closed) {
        const begun = Date.now();
        const reason = await this.once();
        const held = this.opened ? Date.now() - begun : 0;
        this.opened = undefined;
        if (this.closed || !(this.plan.keeps() || this.waiting.length > 0)) return;
        const pause = this.backoff.next(held);
        this.plan.log.warn(`${reason.message}; the next attempt is in ${(pause / 1000).toFixed(1)} s`);
        await this.pause(pause);
      }
    } catch (error) {
      this.dismiss(error);
      throw error;
    }
  }

  /** One connection, from its beginning to its end. Throws what no further attempt would change. */
  private async once(): Promise<QuintetError> {
    try {
      this.opened = await Connection.open(this.plan.url, this.plan.key, this.ears);
      if (this.closed) this.opened.close();
      await this.plan.welcome(this.opened);
    } catch (error) {
      this.ready = undefined;
      this.opened?.close();
      await this.opened?.ended;
      if (error instanceof QuintetError && passes(error)) return error;
      throw error;
    }
    return this.serve(this.opened);
  }

  private async serve(connection: Connection): Promise<QuintetError> {
    this.admit(connection);
    const reason = await connection.ended;
    this.ready = undefined;
    this.plan.left?.();
    return reason;
  }

  private admit(connection: Connection): void {
    if (this.closed || this.ready === connection) return;
    this.ready = connection;
    for (const { resolve } of this.waiting.splice(0)) resolve(connection);
  }

  private dismiss(error: unknown): void {
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Whether what went wrong may be otherwise next time. */
function passes(error: QuintetError): boolean {
  if (error instanceof CallError) return error.status >= 500 || error.status === 429;
  return error instanceof ConnectionLostError || error instanceof TimeoutError;
}
