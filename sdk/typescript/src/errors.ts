/** What can go wrong, on both sides of a call. */

/** What is wrong with one field of a payload. */
export interface FieldError {
  /** Its name in JSON; of a nested one the path, joined by dots. */
  readonly field: string;
  /** Such as `title is required`. */
  readonly error: string;
}

/** Every error of this package. */
export class QuintetError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** What a procedure answers instead of a result. Throw it in a handler: the caller sees all of it. */
export class ProcedureError extends QuintetError {
  /** 400 to 599. */
  readonly status: number;
  readonly fieldErrors: readonly FieldError[];
  /** For the room of the procedure's interface only; callers do not see it. */
  readonly data: unknown;

  /** `status` is 500 where not given, 400 with `fieldErrors`. Without a message the caller sees a neutral text. */
  constructor(
    message = "",
    options: { status?: number; fieldErrors?: readonly FieldError[]; data?: unknown; cause?: unknown } = {},
  ) {
    super(message, options);
    this.fieldErrors = options.fieldErrors ?? [];
    this.status = options.status ?? (this.fieldErrors.length > 0 ? 400 : 500);
    this.data = options.data;
    if (!Number.isInteger(this.status) || this.status < 400 || this.status > 599) {
      throw new RangeError(`${this.status} is no status of an error: use 400 to 599`);
    }
  }
}

/** The server refused something, or a procedure that was called answered with an error. */
export class CallError extends QuintetError {
  constructor(
    message: string,
    /** As in HTTP. */
    readonly status: number,
    readonly fieldErrors: readonly FieldError[] = [],
  ) {
    super(message);
  }

  /** The error that an `error` frame tells of, as the class of its status. */
  static of(payload: unknown): CallError {
    const told = (typeof payload === "object" && payload !== null ? payload : {}) as Record<string, unknown>;
    const status = Number.isInteger(told["status"]) ? (told["status"] as number) : 500;
    const message = typeof told["message"] === "string" ? told["message"] : `refused with status ${status}`;
    const fields = Array.isArray(told["fieldErrors"]) ? (told["fieldErrors"] as FieldError[]) : [];
    const Class = CLASSES[status] ?? (status < 500 ? BadRequestError : ServerError);
    return new Class(message, status, fields);
  }
}

/** 400, and every 4xx that has no class of its own. */
export class BadRequestError extends CallError {}
/** 401: nobody is logged in, or the token does not hold. */
export class UnauthorizedError extends CallError {}
/** 403. */
export class ForbiddenError extends CallError {}
/** 404: there is no such thing, or it may not be seen. */
export class NotFoundError extends CallError {}
/** 409. */
export class ConflictError extends CallError {}
/** 5xx; 503 is worth another try, 504 means that it took too long. */
export class ServerError extends CallError {}

const CLASSES: Record<number, typeof CallError> = {
  401: UnauthorizedError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
};

/** The connection ended before the answer came: what was asked may or may not have been done. */
export class ConnectionLostError extends QuintetError {
  constructor(
    message: string,
    /** The close code, 1006 where there was none. */
    readonly code: number,
  ) {
    super(message);
  }
}

/** Nobody answered within the time that the caller gave. */
export class TimeoutError extends QuintetError {}

/** A bound of this package was reached: too many requests wait, or a subscription is read too slowly. */
export class OverflowError extends QuintetError {}

/** This worker or client has been closed. */
export class ClosedError extends QuintetError {}
