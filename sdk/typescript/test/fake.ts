/** A server for tests: it says what the test tells it to, on a free loopback port. */

import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";

/** A frame, as it came. */
export type Frame = Record<string, any>;

const PATIENCE_MS = 10_000;

/** The next of something that arrives by and by. */
class Queue<T> {
  private items: T[] = [];
  private readers: ((item: T) => void)[] = [];

  push(item: T): void {
    const reader = this.readers.shift();
    if (reader) reader(item);
    else this.items.push(item);
  }

  get size(): number {
    return this.items.length;
  }

  async next(what: string): Promise<T> {
    const item = this.items.shift();
    if (item !== undefined) return item;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${what} did not come`)), PATIENCE_MS);
      this.readers.push((item) => (clearTimeout(timer), resolve(item)));
    });
  }
}

/** One peer's socket, seen from the server. */
export class Guest {
  readonly closed: Promise<number>;
  private readonly heard = new Queue<Frame>();

  constructor(
    readonly path: string,
    readonly socket: WebSocket,
  ) {
    socket.on("message", (data) => this.heard.push(JSON.parse(String(data)) as Frame));
    this.closed = new Promise((resolve) => socket.on("close", resolve));
  }

  /** The next frame, which must have this topic. */
  async hears(topic: string): Promise<Frame> {
    const frame = await this.heard.next(topic);
    if (frame["topic"] !== topic) throw new Error(`${topic} did not come, but ${JSON.stringify(frame)}`);
    return frame;
  }

  /** How many frames wait to be heard. */
  get waiting(): number {
    return this.heard.size;
  }

  say(frame: Frame): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Answers a request with a payload. */
  answer(request: Frame, payload: unknown = { success: true }): void {
    this.say({ topic: request["topic"], ...keys(request), payload });
  }

  /** Answers a request with an error. */
  refuse(request: Frame, status: number, message: string, more: Frame = {}): void {
    this.say({ topic: "error", ...keys(request), payload: { message, status, ...more } });
  }

  /** Hears a request, and answers it. */
  async grants(topic: string): Promise<Frame> {
    const request = await this.hears(topic);
    this.answer(request);
    return request;
  }

  /** Takes a worker: its token, its procedures. */
  async registers(): Promise<Frame> {
    await this.grants("app::websocket:auth");
    return this.grants("worker::register");
  }

  /** Calls a procedure of a worker. */
  call(ack: string, name: string, payload: unknown = null, more: Frame = {}): void {
    const actor = { type: "websocket", user: { id: "4097", username: "ann" }, admin: false };
    const connection = { id: "c-1", dialect: "flamigo" };
    this.say({ topic: "worker::call", ack, payload: { name, payload, actor, connection, deadlineMs: 30_000, attempt: 1, ...more } });
  }
}

function keys({ ack, ackId }: Frame): Frame {
  return { ...(ack !== undefined && { ack }), ...(ackId !== undefined && { ackId }) };
}

/** The server. */
export class Fake {
  private readonly guests = new Queue<Guest>();

  private constructor(private readonly server: WebSocketServer) {
    server.on("connection", (socket, request) => this.guests.push(new Guest(request.url ?? "", socket)));
  }

  static async open(): Promise<Fake> {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(server, "listening");
    return new Fake(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The next who connects. */
  guest(): Promise<Guest> {
    return this.guests.next("a guest");
  }

  async close(): Promise<void> {
    for (const socket of this.server.clients) socket.terminate();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** A log that keeps what it is told. */
export class Diary {
  readonly lines: string[] = [];
  info = (...words: unknown[]) => this.note("info", words);
  warn = (...words: unknown[]) => this.note("warn", words);
  error = (...words: unknown[]) => this.note("error", words);

  private note(level: string, words: unknown[]): void {
    this.lines.push([level, ...words].map(String).join(" "));
  }
}
