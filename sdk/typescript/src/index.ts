/** Workers and clients for Quintet. */

export type { Pauses } from "./backoff.js";
export { Client } from "./client.js";
export type { ClientOptions, Token } from "./client.js";
export type { Patience } from "./connection.js";
export type { Push } from "./envelope.js";
export {
  BadRequestError,
  CallError,
  ClosedError,
  ConflictError,
  ConnectionLostError,
  ForbiddenError,
  NotFoundError,
  OverflowError,
  ProcedureError,
  QuintetError,
  ServerError,
  TimeoutError,
  UnauthorizedError,
} from "./errors.js";
export type { FieldError } from "./errors.js";
export type { Log } from "./line.js";
export type { CallOptions } from "./peer.js";
export type { Actor, Asked, Call, Claim, Handler, Input, Output, Procedure, ProcedureOptions } from "./procedure.js";
export type { Subscription } from "./subscription.js";
export { Worker } from "./worker.js";
export type { Audience, WorkerOptions } from "./worker.js";
