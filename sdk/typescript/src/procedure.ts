/** Procedures: what a worker offers, and how it describes it. */

import { ProcedureError } from "./errors.js";
import type { FieldError } from "./errors.js";

/** Who calls: see the worker protocol, section 3. */
export interface Actor {
  readonly type: "websocket" | "http" | "backend";
  /** Null where nobody is logged in. */
  readonly user: { readonly id: string; readonly username: string } | null;
  /** Whether it may do everything. */
  readonly admin: boolean;
}

/** A call under way. */
export interface Call {
  /** What was called. */
  readonly name: string;
  readonly actor: Actor;
  /** The caller's socket, to notify it (`notifyClients`); null where it did not call over one. */
  readonly connection: { readonly id: string; readonly dialect: string } | null;
  /** When nobody waits any more. */
  readonly deadline: Date;
  /** 1; more where the call was made before, and that worker was lost. */
  readonly attempt: number;
  /** What the room of the procedure's interface says besides. */
  readonly extra: unknown;
  /** Aborts when nobody waits for the answer any more: the caller has left, the time is over, or the connection is lost. */
  readonly signal: AbortSignal;
  /** The status of the answer for callers over HTTP, 200 to 299; 200 unless set. */
  status: number;
}

/** What a handler is given. */
export interface Asked<In> {
  readonly payload: In;
  readonly call: Call;
  readonly signal: AbortSignal;
}

/** Answers calls; what it throws is answered as an error. */
export type Handler<In, Out> = (asked: Asked<In>) => Out | Promise<Out>;

/** What an actor must be; the first that fails refuses the call. */
export type Claim = "authenticated" | "unauthenticated" | "websocket" | "not-websocket" | "admin" | `of-type:${string}`;

/** How a procedure is offered. */
export interface ProcedureOptions<In> {
  /** `["authenticated"]` where not given. */
  claims?: readonly Claim[];
  /** How long a call may take; the server's own bound where not given. */
  timeoutMs?: number;
  /** Calls at once, over all workers. */
  concurrency?: number;
  /** Whether a call may be made again, elsewhere, when this worker is lost before it answered. */
  idempotent?: boolean;
  /** For people. */
  description?: string;
  /** For a room that has walls of its own around procedures. */
  interface?: { kind: string; spec: unknown };
  /**
   * Makes what the handler is given of what came over the wire. What it throws refuses the call with 400; the `issues` of schema libraries
   * (`path`, `message`) become field errors.
   */
  parse?: (payload: unknown) => In;
}

/** A procedure that a worker answers. `Input` and `Output` tell its types. */
export interface Procedure<In = unknown, Out = unknown> {
  readonly name: string;
  readonly handler: Handler<In, Out>;
  readonly options: ProcedureOptions<In>;
}

/** What a procedure is called with. */
export type Input<P> = P extends Procedure<infer In, infer _Out> ? In : never;
/** What a procedure answers. */
export type Output<P> = P extends Procedure<infer _In, infer Out> ? Awaited<Out> : never;

/** A procedure as the worker keeps it: what it is called with is checked where it is called. */
export interface Registered {
  /** As the server is told of it (worker protocol, section 2). */
  readonly offer: Record<string, unknown>;
  /** Answers a call. */
  run(payload: unknown, call: Call): unknown;
}

/** Makes one of a procedure. */
export function registered<In, Out>(procedure: Procedure<In, Out>): Registered {
  const { name, handler, options } = procedure;
  const { parse, ...told } = options;
  const read = (payload: unknown) => (parse ? parsed(parse, payload) : (payload as In));
  return {
    offer: { name, ...told },
    run: (payload, call) => handler({ payload: read(payload), call, signal: call.signal }),
  };
}

/** Reads a payload, or throws the error that refuses it. */
function parsed<In>(parse: (payload: unknown) => In, payload: unknown): In {
  try {
    return parse(payload);
  } catch (cause) {
    if (cause instanceof ProcedureError) throw cause;
    const fieldErrors = issues(cause);
    throw new ProcedureError(fieldErrors[0]?.error ?? "the payload is not valid", { status: 400, fieldErrors, cause });
  }
}

function issues(cause: unknown): FieldError[] {
  const found = (cause as { issues?: unknown } | null)?.issues;
  if (!Array.isArray(found)) return [];
  return found.map((issue: { path?: unknown; message?: unknown }) => {
    const path = Array.isArray(issue.path) ? issue.path.map(String).join(".") : "";
    return { field: path, error: path ? `${path}: ${String(issue.message)}` : String(issue.message) };
  });
}
