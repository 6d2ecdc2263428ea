/** The calls of one connection: each is run, answered once, and stopped when nobody waits any more. */

import type { Connection } from "./connection.js";
import type { Frame } from "./envelope.js";
import { BadRequestError, ProcedureError, TimeoutError } from "./errors.js";
import type { Log } from "./line.js";
import type { Actor, Call, Registered } from "./procedure.js";

/** What the server says of a call (worker protocol, section 3). */
interface Told {
  name: string;
  payload?: unknown;
  actor: Actor;
  connection?: Call["connection"];
  deadlineMs: number;
  attempt?: number;
  extra?: unknown;
}

/** A call that somebody waits for. */
interface Running {
  controller: AbortController;
  /** Ends it when its time is over. */
  timer: ReturnType<typeof setTimeout>;
}

/** Calls under way. */
export class Calls {
  private readonly running = new Map<string, Running>();
  private idle: (() => void)[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly procedures: ReadonlyMap<string, Registered>,
    private readonly log: Log,
  ) {}

  /** Takes a call, or stops one. */
  order(frame: Frame): void {
    if (frame.topic === "worker::call") return void this.answer(String(frame.ack), (frame.payload ?? {}) as Told);
    const { ack } = (frame.payload ?? {}) as { ack?: unknown };
    this.stop(String(ack), new DOMException("the caller has left", "AbortError"));
  }

  /** The connection has ended: nobody waits for any of them. */
  lose(reason: Error): void {
    for (const ack of [...this.running.keys()]) this.stop(ack, reason);
  }

  /** Resolves when every call that somebody waits for has been answered. */
  finished(): Promise<void> {
    if (this.running.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  private async answer(ack: string, told: Told): Promise<void> {
    const controller = new AbortController();
    const late = () => this.stop(ack, new TimeoutError(`${told.name} took longer than ${told.deadlineMs} ms`));
    this.running.set(ack, { controller, timer: setTimeout(late, told.deadlineMs) });
    const call = begin(told, controller.signal);
    try {
      const frame = await this.outcome(told, call);
      if (!controller.signal.aborted) this.say(told.name, { ...frame, ack });
    } finally {
      this.done(ack);
    }
  }

  private async outcome(told: Told, call: Call): Promise<Frame> {
    try {
      const payload = await this.run(told, call);
      return { ...answered(call), payload };
    } catch (error) {
      // Whoever was told to stop may fail of it.
      return { topic: "error", payload: call.signal.aborted ? undefined : this.confess(told.name, error) };
    }
  }

  /** Says an answer; one that cannot be sent fails this call alone. */
  private say(name: string, frame: Frame): void {
    try {
      this.connection.say(frame);
    } catch (error) {
      this.log.error(`${name} failed: its answer is not sent:`, error);
      const message = error instanceof BadRequestError ? "the answer is too large" : undefined;
      this.connection.say({ topic: "error", ack: frame.ack, payload: { status: 500, message } });
    }
  }

  private run(told: Told, call: Call): unknown {
    const procedure = this.procedures.get(told.name);
    if (!procedure) throw new ProcedureError(`${told.name} is not run here`, { status: 404 });
    return procedure.run(told.payload, call);
  }

  /** What the caller learns of an error: all of what was thrown for it, nothing of anything else. */
  private confess(name: string, error: unknown): Record<string, unknown> {
    if (!(error instanceof ProcedureError)) {
      this.log.error(`${name} failed:`, error);
      return { status: 500 };
    }
    const { message, status, fieldErrors, data } = error;
    return {
      status,
      ...(message && { message }),
      ...(fieldErrors.length > 0 && { fieldErrors }),
      ...(data !== undefined && { data }),
    };
  }

  private stop(ack: string, reason: Error): void {
    this.running.get(ack)?.controller.abort(reason);
    this.done(ack);
  }

  private done(ack: string): void {
    clearTimeout(this.running.get(ack)?.timer);
    this.running.delete(ack);
    if (this.running.size > 0) return;
    for (const resolve of this.idle.splice(0)) resolve();
  }
}

function begin(told: Told, signal: AbortSignal): Call {
  return {
    name: told.name,
    actor: told.actor,
    connection: told.connection ?? null,
    deadline: new Date(Date.now() + told.deadlineMs),
    attempt: told.attempt ?? 1,
    extra: told.extra,
    signal,
    status: 200,
  };
}

function answered({ status }: Call): Frame {
  if (!Number.isInteger(status) || status < 200 || status > 299) throw new RangeError(`${status} is no status of an answer`);
  return status === 200 ? { topic: "worker::call" } : { topic: "worker::call", status };
}
