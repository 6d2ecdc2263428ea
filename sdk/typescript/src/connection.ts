/** One connection: from its handshake to its end. Requests and their answers. */

import type { Frame, Key, Push } from "./envelope.js";
import { readFrame, writeFrame } from "./envelope.js";
import { BadRequestError, CallError, ConnectionLostError, OverflowError, TimeoutError } from "./errors.js";
import { newSocket } from "./socket.js";
import type { Socket } from "./socket.js";

/** Requests that may wait for their answers at once. */
const WAITING = 65_536;
/**
 * The largest message that a server takes from a worker unless it is told otherwise (its `limits.message_bytes`): at more it ends the connection,
 * and with it all that is under way there.
 */
const SENT_BYTES = 16 * 1024 * 1024;
/** How long the handshake may take, and how long a goodbye. */
const HANDSHAKE_MS = 20_000;
const GOODBYE_MS = 2_000;
/** A silent connection is asked after this time whether it is still there; it has the second time to say so. */
const SILENCE_MS = 30_000;
const SIGN_OF_LIFE_MS = 15_000;

/** Who hears what arrives and is no answer. */
export interface Ears {
  /** The server asks something: a call, or that one be cancelled. */
  order(connection: Connection, frame: Frame): void;
  push(push: Push): void;
  /** An error that belongs to no request. */
  complaint(error: CallError): void;
}

/** How long somebody waits for an answer. */
export interface Patience {
  /** Rejects with a `TimeoutError` after this time. */
  timeoutMs?: number | undefined;
  /** Rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

interface Waiting {
  resolve(payload: unknown): void;
  reject(error: unknown): void;
}

/** A connection that is open, or has been. */
export class Connection {
  /** Resolves when it has ended, with the reason. */
  readonly ended: Promise<ConnectionLostError>;
  private readonly waiting = new Map<string, Waiting>();
  private readonly pulse: ReturnType<typeof setInterval>;
  private requests = 0;
  private heard = true;
  private lost: ConnectionLostError | undefined;
  private tellEnd!: (reason: ConnectionLostError) => void;

  private constructor(
    private readonly socket: Socket,
    private readonly key: Key,
    private readonly ears: Ears,
  ) {
    this.ended = new Promise((resolve) => (this.tellEnd = resolve));
    this.pulse = setInterval(() => this.feelPulse(), SILENCE_MS);
    socket.onmessage = ({ data }) => this.hear(data);
    socket.onclose = ({ code, reason }) => this.end(code, reason);
    socket.onerror = () => undefined;
  }

  /** Connects. Rejects with a `ConnectionLostError` where nobody answers. */
  static async open(url: string, key: Key, ears: Ears): Promise<Connection> {
    const socket = await newSocket(url);
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string, code = 1006) => {
        clearTimeout(timer);
        reject(new ConnectionLostError(`could not connect to ${url}${why && `: ${why}`}`, code));
      };
      const timer = setTimeout(() => {
        fail("nobody answers");
        drop(socket);
      }, HANDSHAKE_MS);
      socket.onopen = () => {
        clearTimeout(timer);
        resolve();
      };
      socket.onerror = (event) => fail(event.message ?? "");
      socket.onclose = ({ code, reason }) => fail(reason, code);
    });
    return new Connection(socket, key, ears);
  }

  /** Asks, and waits for the answer: its payload, or a `CallError`. */
  ask(frame: Frame, patience: Patience = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.lost) return reject(this.lost);
      if (patience.signal?.aborted) return reject(patience.signal.reason);
      if (this.waiting.size >= WAITING) return reject(new OverflowError("too many requests wait: await some of them"));
      const ack = String(++this.requests);
      this.say({ ...frame, [this.key]: ack });
      this.waiting.set(ack, this.bounded(ack, { resolve, reject }, patience));
    });
  }

  /**
   * Says something without waiting; nothing happens if the connection has ended. Throws for what JSON cannot hold, and a `BadRequestError` (413) for
   * what no server takes.
   */
  say(frame: Frame): void {
    const text = writeFrame(frame);
    const bytes = size(text);
    if (bytes > SENT_BYTES) throw new BadRequestError(`a message of ${bytes} bytes is more than a server takes (${SENT_BYTES})`, 413);
    if (!this.lost) this.socket.send(text);
  }

  /** Says goodbye, after everything that was said before. */
  close(code = 1000, reason = ""): void {
    if (this.lost) return;
    this.socket.close(code, reason);
    const timer = setTimeout(() => this.drop("the server did not say goodbye"), GOODBYE_MS);
    void this.ended.then(() => clearTimeout(timer));
  }

  private bounded(ack: string, waiting: Waiting, { timeoutMs, signal }: Patience): Waiting {
    if (timeoutMs === undefined && !signal) return waiting;
    const giveUp = (error: unknown) => {
      this.waiting.delete(ack);
      done();
      waiting.reject(error);
    };
    const aborted = () => giveUp(signal?.reason);
    signal?.addEventListener("abort", aborted);
    const late = () => giveUp(new TimeoutError(`no answer within ${timeoutMs} ms`));
    const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs);
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
    };
    return {
      resolve: (payload) => (done(), waiting.resolve(payload)),
      reject: (error) => (done(), waiting.reject(error)),
    };
  }

  private hear(data: unknown): void {
    this.heard = true;
    const frame = readFrame(data);
    if (!frame || this.lost) return;
    if (frame.topic === "worker::call" || frame.topic === "worker::cancel") return this.ears.order(this, frame);
    const ack = frame.ack ?? frame.ackId;
    if (ack !== undefined && ack !== null) return this.answer(String(ack), frame);
    if (frame.topic === "error") return this.ears.complaint(CallError.of(frame.payload));
    this.ears.push({ topic: frame.topic, payload: frame.payload });
  }

  private answer(ack: string, frame: Frame): void {
    const waiting = this.waiting.get(ack);
    if (!this.waiting.delete(ack)) return;
    if (frame.topic === "error") waiting?.reject(CallError.of(frame.payload));
    else waiting?.resolve(frame.payload);
  }

  /** A peer that is gone without a word is noticed by its silence. While requests wait, their own patience decides: the server may hold back all else behind them. */
  private feelPulse(): void {
    const quiet = !this.heard && this.waiting.size === 0;
    this.heard = false;
    if (!quiet) return;
    const alive = this.ask({ topic: "app::echo", overlap: true }, { timeoutMs: SIGN_OF_LIFE_MS });
    alive.catch((error: unknown) => {
      if (error instanceof TimeoutError && !this.heard) this.drop("the server is silent");
    });
  }

  private drop(reason: string): void {
    drop(this.socket);
    this.end(1006, reason);
  }

  private end(code: number, reason: string): void {
    if (this.lost) return;
    clearInterval(this.pulse);
    this.lost = new ConnectionLostError(farewell(code, reason), code);
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const one of waiting) one.reject(this.lost);
    this.tellEnd(this.lost);
  }
}

/** The bytes of a text as UTF-8; at least its length, which is enough to know of a small one. */
function size(text: string): number {
  // A unit of UTF-16 has three bytes at the most. Most messages are small: they are not to be encoded twice.
  return text.length * 3 <= SENT_BYTES ? text.length : new TextEncoder().encode(text).length;
}

function drop(socket: Socket): void {
  if (socket.terminate) socket.terminate();
  else socket.close();
}

/** RFC 6455, section 7.4.1; 1013 is in the IANA registry. */
function farewell(code: number, reason: string): string {
  const known: Record<number, string> = {
    1000: "the connection was closed",
    1001: "the server is shutting down",
    1008: "the server ended the connection: it refuses this peer",
    1009: "the server ended the connection: a message was larger than it takes (limits.command_bytes, of a worker limits.message_bytes)",
    1013: "the server ended the connection: it is overloaded, or this peer is too slow",
  };
  return `${known[code] ?? "the connection was lost"} (${code}${reason && `, ${reason}`})`;
}
