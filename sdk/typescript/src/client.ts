/** A client of the Flamigo room, for browsers and programs. */

import { socketUrl } from "./address.js";
import type { Pauses } from "./backoff.js";
import type { Connection } from "./connection.js";
import { CallError } from "./errors.js";
import type { Log } from "./line.js";
import { Peer } from "./peer.js";
import type { CallOptions } from "./peer.js";

/** How long the server may take to log somebody in again. */
const WELCOME_MS = 20_000;

/** A user's token, or where to get one for each connection. */
export type Token = string | (() => string | Promise<string>);

/** What a client needs. */
export interface ClientOptions {
  /** The server, `https://example.org`; where not given, whence the page was loaded, or else `QUINTET_URL` or `http://localhost:8080`. */
  url?: string | undefined;
  /** Whether calls overlap unless they say else. */
  overlap?: boolean | undefined;
  /** Pauses between attempts to connect. */
  pauses?: Partial<Pauses> | undefined;
  /** Where messages for people go; `console` where not given. */
  log?: Log | undefined;
  /** A connection is ready, or has been lost: what was said meanwhile was not heard. */
  onState?: ((state: "connected" | "lost") => void) | undefined;
}

/** Talks to the server as a user. Connects when first needed, and again whenever the connection is lost while somebody is logged in. */
export class Client extends Peer {
  private token: Token | undefined;
  private readonly overlap: boolean;

  constructor(options: ClientOptions = {}) {
    super({
      url: socketUrl(options.url, "/ws"),
      key: "ackId",
      log: options.log ?? console,
      pauses: options.pauses,
      order: () => undefined,
      welcome: async (connection) => {
        if (this.token) await logIn(connection, this.token);
        options.onState?.("connected");
      },
      keeps: () => this.token !== undefined,
      left: () => options.onState?.("lost"),
    });
    this.overlap = options.overlap ?? false;
  }

  /** Logs in, for this connection and all that follow. Rejects with an `UnauthorizedError` where the token does not hold; the client can be used on. */
  async authenticate(token: Token): Promise<void> {
    this.token = undefined;
    const connection = await this.line.connection();
    await logIn(connection, token);
    this.token = token;
    // Who becomes somebody else loses what it listened to.
    await this.subscribeAgain(connection);
  }

  override call<Out = unknown>(name: string, payload?: unknown, options: CallOptions = {}): Promise<Out> {
    return super.call<Out>(name, payload, { overlap: this.overlap, ...options });
  }

  /** Ends the connection, after what was said before. */
  async close(): Promise<void> {
    await this.line.close();
  }
}

async function logIn(connection: Connection, token: Token): Promise<void> {
  const value = typeof token === "function" ? await token() : token;
  try {
    await connection.ask({ topic: "app::websocket:auth", payload: { token: value } }, { timeoutMs: WELCOME_MS });
  } catch (error) {
    if (error instanceof CallError) error.message = `the server does not take the token: ${error.message}`;
    throw error;
  }
}
