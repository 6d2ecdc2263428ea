/** A worker: a program that answers calls of any room's clients. */

import { process, socketUrl, variable } from "./address.js";
import type { Pauses } from "./backoff.js";
import { Calls } from "./calls.js";
import type { Connection } from "./connection.js";
import { CallError, ClosedError, QuintetError } from "./errors.js";
import type { Log } from "./line.js";
import { Peer } from "./peer.js";
import type { CallOptions } from "./peer.js";
import { registered } from "./procedure.js";
import type { Handler, Procedure, ProcedureOptions, Registered } from "./procedure.js";

/** How long the server may take to answer what is said first. */
const WELCOME_MS = 20_000;

/** What a worker needs. */
export interface WorkerOptions {
  /** The server, `https://example.org`; `QUINTET_URL` or `http://localhost:8080` where not given. */
  url?: string | undefined;
  /** What `quintet token --worker NAME` prints; `QUINTET_TOKEN` where not given. */
  token?: string | undefined;
  /** Calls at once; 64 where not given. */
  calls?: number | undefined;
  /** How long calls under way may take when the worker is stopped; 30,000 where not given. */
  drainMs?: number | undefined;
  /** Whether SIGTERM and SIGINT stop the worker, as is usual. */
  signals?: boolean | undefined;
  /** Pauses between attempts to connect. */
  pauses?: Partial<Pauses> | undefined;
  /** Where messages for people go; `console` where not given. */
  log?: Log | undefined;
}

/** Whom a notification reaches; who is not there is not told. */
export interface Audience {
  /** Users, by number or root id (`n::…`). */
  users?: readonly (string | number)[];
  channels?: readonly string[];
  /** Sockets, by `call.connection.id`. */
  clients?: readonly string[];
  rooms?: readonly (string | number)[];
}

/** Runs procedures. */
export class Worker extends Peer {
  private readonly procedures = new Map<string, Registered>();
  private readonly token: string;
  private readonly options: WorkerOptions;
  private readonly log: Log;
  private calls: Calls | undefined;
  private begun = false;
  private stopping: Promise<void> | undefined;

  constructor(options: WorkerOptions = {}) {
    const log = options.log ?? console;
    super({
      url: socketUrl(options.url, "/worker"),
      key: "ack",
      log,
      pauses: options.pauses,
      order: (_, frame) => this.calls?.order(frame),
      welcome: (connection) => this.register(connection),
      keeps: () => true,
    });
    const token = options.token ?? variable("QUINTET_TOKEN");
    if (!token) throw new QuintetError("a worker needs a token: give one, or set QUINTET_TOKEN to what `quintet token --worker NAME` prints");
    this.token = token;
    this.options = options;
    this.log = log;
  }

  /** Adds a procedure, before `run`. Its name is parts joined by single colons, `orders:create`. */
  procedure<In = unknown, Out = unknown>(
    name: string,
    handler: Handler<In, Out>,
    options: ProcedureOptions<In> = {},
  ): Procedure<In, Out> {
    if (this.begun) throw new QuintetError(`${name} comes too late: add procedures before run()`);
    if (this.procedures.has(name)) throw new QuintetError(`${name} is there already: a name has one procedure`);
    const procedure = { name, handler, options };
    this.procedures.set(name, registered(procedure));
    return procedure;
  }

  /**
   * Connects, registers and answers, again and again. Resolves when the worker was stopped; rejects where another attempt would not help: the
   * token does not hold, or somebody else runs a procedure of this name.
   */
  async run(): Promise<void> {
    this.begun = true;
    const forget = this.options.signals === false ? undefined : this.heedSignals();
    try {
      await this.line.run();
      await this.stopping;
    } finally {
      forget?.();
    }
  }

  /** Resolves when the worker is registered and answers calls; rejects where `run` does. */
  async ready(): Promise<void> {
    this.begun = true;
    await this.line.connection();
  }

  /** Takes no more calls, answers those under way, and leaves. `run` resolves then. */
  stop(): Promise<void> {
    this.stopping ??= this.drain().finally(() => this.line.close());
    return this.stopping;
  }

  /** Calls a procedure, as the house. Such calls always overlap: one of them may have to be answered by this very worker. */
  override call<Out = unknown>(name: string, payload?: unknown, options: CallOptions = {}): Promise<Out> {
    return super.call<Out>(name, payload, { ...options, overlap: true });
  }

  /** Tells an object to clients: verbatim to Jac's, as a push (`user:notice`, `channel:notice` …) to Flamigo's. */
  async notify(audience: Audience, data: object): Promise<void> {
    const { users, channels, clients, rooms } = audience;
    const payload = { users: users?.map(String), channels, clients, rooms: rooms?.map(String), data };
    await this.ask({ topic: "app::notify", payload });
  }

  /** As `notify`, to users. */
  notifyUsers(users: readonly (string | number)[], data: object): Promise<void> {
    return this.notify({ users }, data);
  }

  /** As `notify`, to whoever is in these channels. */
  notifyChannels(channels: readonly string[], data: object): Promise<void> {
    return this.notify({ channels }, data);
  }

  /** As `notify`, to single sockets. */
  notifyClients(clients: readonly string[], data: object): Promise<void> {
    return this.notify({ clients }, data);
  }

  /** As `notify`, to whoever is in these rooms. */
  notifyRooms(rooms: readonly (string | number)[], data: object): Promise<void> {
    return this.notify({ rooms }, data);
  }

  private async register(connection: Connection): Promise<void> {
    // Calls may come with the answer, so that whoever takes them is there before.
    const calls = new Calls(connection, this.procedures, this.log);
    this.calls = calls;
    void connection.ended.then((reason) => calls.lose(reason));
    const { token, procedures } = this;
    const patience = { timeoutMs: WELCOME_MS };
    const refused = (what: string) => (error: unknown) => {
      if (error instanceof CallError) error.message = `${what}: ${error.message}`;
      throw error;
    };
    await connection
      .ask({ topic: "app::websocket:auth", payload: { token } }, patience)
      .catch(refused("the server does not take the token"));
    const payload = { calls: this.options.calls, procedures: [...procedures.values()].map(({ offer }) => offer) };
    await connection.ask({ topic: "worker::register", payload }, patience).catch(refused("the server does not take the procedures"));
    this.log.info(`connected; runs ${[...procedures.keys()].join(", ") || "nothing"}`);
  }

  private async drain(): Promise<void> {
    const connection = this.line.current;
    if (!connection || !this.calls) return;
    const drainMs = this.options.drainMs ?? 30_000;
    try {
      await connection.ask({ topic: "worker::drain" }, { timeoutMs: drainMs });
      await within(drainMs, this.calls.finished());
    } catch (error) {
      this.log.warn("left without an orderly end:", error);
    } finally {
      this.calls.lose(new ClosedError("the worker has been stopped"));
    }
  }

  /** The first signal drains; a second one ends the process, as it would without us. */
  private heedSignals(): () => void {
    const heed = () => {
      forget();
      this.log.info("answers what is under way, and leaves");
      void this.stop();
    };
    const names = ["SIGTERM", "SIGINT"];
    const forget = () => names.forEach((name) => process()?.off?.(name, heed));
    names.forEach((name) => process()?.on?.(name, heed));
    return forget;
  }
}

async function within(ms: number, promise: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new QuintetError(`calls under way took longer than ${ms} ms`)), ms);
  });
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
