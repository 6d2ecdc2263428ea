/** What workers and clients have in common: calling, publishing, listening. */

import type { Connection, Patience } from "./connection.js";
import type { Frame, Push } from "./envelope.js";
import { CallError, ConnectionLostError, TimeoutError } from "./errors.js";
import { Line } from "./line.js";
import type { Plan } from "./line.js";
import { Subscription } from "./subscription.js";

/** How a procedure is called. */
export interface CallOptions extends Patience {
  /**
   * Whether what is asked after it may be answered before it. Otherwise the server answers this connection in the order of its requests.
   */
  overlap?: boolean | undefined;
}

/** A peer of the server. */
export abstract class Peer {
  /** @internal */
  protected readonly line: Line;
  private readonly subscriptions = new Map<string, Set<Subscription>>();
  /** On which connection a pattern is in force. */
  private readonly inForce = new Map<string, Connection>();
  private readonly listeners = new Map<string, Set<(push: Push) => void>>();

  /** @internal */
  protected constructor(plan: Omit<Plan, "ears"> & { order(connection: Connection, frame: Frame): void }) {
    const { log, order } = plan;
    const complaint = (error: CallError) => log.warn(`the server refused something: ${error.message} (${error.status})`);
    const welcome = async (connection: Connection) => {
      await plan.welcome(connection);
      await this.subscribeAgain(connection);
    };
    this.line = new Line({ ...plan, welcome, ears: { order, complaint, push: (push) => this.hear(push) } });
  }

  /**
   * Calls a procedure of the server: of a worker, a webhook, or one that is built in, such as `chat:send`.
   *
   * Rejects with a `CallError` (`NotFoundError`, `ForbiddenError` …) where it was refused or answered with an error, with a
   * `ConnectionLostError` where nobody knows.
   */
  async call<Out = unknown>(name: string, payload?: unknown, options: CallOptions = {}): Promise<Out> {
    const frame: Frame = { topic: `app::${name}`, payload };
    if (options.overlap) frame.overlap = true;
    return (await this.ask(frame, options)) as Out;
  }

  /** Says something on a topic of the bus, to whoever is subscribed to it now. */
  async publish(topic: string, payload?: unknown): Promise<void> {
    await this.ask({ topic: "app::topic:publish", payload: { topic, payload: payload ?? null } });
  }

  /**
   * Listens to the topics of a pattern, `rooms/*` for all that begins with `rooms/`; resolves when the subscription is in force. It outlives
   * the connection, but what is said between two connections is not heard.
   */
  async subscribe(pattern: string): Promise<Subscription> {
    const subscription = new Subscription(pattern, (ended) => this.forget(ended));
    const alike = this.subscriptions.get(pattern) ?? new Set();
    this.subscriptions.set(pattern, alike.add(subscription));
    try {
      await this.insist(pattern);
    } catch (error) {
      subscription.close();
      throw error;
    }
    return subscription;
  }

  /** Hears each push of this name (`*`: each one), of whatever subscription or none, such as `client:notice`. The answer ends that. */
  on(name: string, listener: (push: Push) => void): () => void {
    const alike = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, alike.add(listener));
    return () => void alike.delete(listener);
  }

  /** Asks on this connection, or on the next one where there is none. */
  protected async ask(frame: Frame, patience: Patience = {}): Promise<unknown> {
    const begun = Date.now();
    const connection = this.line.current ?? (await patiently(this.line.connection(), patience));
    const { timeoutMs, signal } = patience;
    const left = timeoutMs === undefined ? undefined : Math.max(0, timeoutMs - (Date.now() - begun));
    return connection.ask(frame, { timeoutMs: left, signal });
  }

  /** Subscribes, on one connection or another. */
  private async insist(pattern: string): Promise<void> {
    for (;;) {
      const connection = await this.line.connection();
      if (this.inForce.get(pattern) === connection) return;
      try {
        await connection.ask(subscribing("subscribe", pattern));
        return void this.inForce.set(pattern, connection);
      } catch (error) {
        if (!(error instanceof ConnectionLostError) || error.code === 1009) throw error;
        await connection.ended;
      }
    }
  }

  /** @internal */
  protected async subscribeAgain(connection: Connection): Promise<void> {
    await Promise.all([...this.subscriptions].map(async ([pattern, alike]) => {
      try {
        await connection.ask(subscribing("subscribe", pattern));
        this.inForce.set(pattern, connection);
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        for (const subscription of [...alike]) subscription.fail(error);
      }
    }));
  }

  private forget(subscription: Subscription): void {
    const { pattern } = subscription;
    const alike = this.subscriptions.get(pattern);
    alike?.delete(subscription);
    if (alike?.size !== 0) return;
    this.subscriptions.delete(pattern);
    this.inForce.delete(pattern);
    this.line.current?.ask(subscribing("unsubscribe", pattern)).catch(() => undefined);
  }

  private hear(push: Push): void {
    for (const alike of this.subscriptions.values()) {
      for (const subscription of [...alike]) subscription.take(push);
    }
    for (const name of [push.topic, "*"]) {
      for (const listener of [...(this.listeners.get(name) ?? [])]) listener(push);
    }
  }
}

function subscribing(what: "subscribe" | "unsubscribe", pattern: string): Frame {
  return { topic: `app::topic:${what}`, payload: { topic: pattern } };
}

/** What was promised, unless patience ends before. */
function patiently<T>(promise: Promise<T>, { timeoutMs, signal }: Patience): Promise<T> {
  if (timeoutMs === undefined && !signal) return promise;
  return new Promise<T>((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const aborted = () => reject(signal?.reason);
    signal?.addEventListener("abort", aborted);
    const late = () => reject(new TimeoutError(`no connection within ${timeoutMs} ms`));
    const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs);
    promise.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
    });
  });
}
