/** The envelope: one JSON object per text frame. */

/** The correlation key under which a peer wants its answers. */
export type Key = "ack" | "ackId";

/** A frame, in either direction. */
export interface Frame {
  topic: string;
  payload?: unknown;
  /** Which answer belongs to which request. */
  ack?: unknown;
  ackId?: unknown;
  /** Of an answer to a call: 200 to 299. */
  status?: number;
  /** Of a command: what follows need not wait until it is answered. */
  overlap?: boolean;
}

/** Something that was heard on a topic. */
export interface Push<Payload = unknown> {
  /** What it is called: `chat:sent`, `note:updated`, or the topic on which it was published. */
  readonly topic: string;
  readonly payload: Payload;
}

/** Reads a frame; `undefined` for what is none. */
export function readFrame(data: unknown): Frame | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const frame: unknown = JSON.parse(data);
    return isFrame(frame) ? frame : undefined;
  } catch {
    return undefined;
  }
}

function isFrame(value: unknown): value is Frame {
  return typeof value === "object" && value !== null && typeof (value as Frame).topic === "string";
}

/** Writes a frame. What is nothing in JSON (`undefined`, a function) is null as a payload. Throws for what JSON cannot hold, such as a circle or a bigint. */
export function writeFrame(frame: Frame): string {
  const { payload } = frame;
  const nothing = payload === undefined || typeof payload === "function" || typeof payload === "symbol";
  return JSON.stringify({ ...frame, payload: nothing ? null : payload });
}
