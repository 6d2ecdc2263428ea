// A raw socket to `/ws`: frames as they are, no client library between.
import { once } from "node:events";
import WebSocket from "ws";
import { signText } from "./commit.mjs";
import { origin } from "./house.mjs";
import { within } from "./waiting.mjs";

export const socketUrl = `${origin.replace("http", "ws")}/ws`;
const AUTH = "https://atomicdata.dev/properties/auth/";

/** What an agent shows to say who it is; `over` replaces parts of it. */
export function proof(key, { requestedSubject = socketUrl, timestamp = Date.now(), ...over } = {}) {
  return {
    [`${AUTH}agent`]: key.agent,
    [`${AUTH}requestedSubject`]: requestedSubject,
    [`${AUTH}publicKey`]: key.publicKey,
    [`${AUTH}timestamp`]: timestamp,
    [`${AUTH}signature`]: signText(`${requestedSubject} ${timestamp}`, key),
    ...Object.fromEntries(Object.entries(over).map(([name, value]) => [AUTH + name, value])),
  };
}

/** The same as request headers, for a URL. */
export function proofHeaders(key, url, timestamp = Date.now()) {
  return {
    "x-atomic-agent": key.agent,
    "x-atomic-public-key": key.publicKey,
    "x-atomic-timestamp": String(timestamp),
    "x-atomic-signature": signText(`${url} ${timestamp}`, key),
  };
}

export class Line {
  /** What was heard and not taken yet. */
  #waiting = [];
  #wake = () => {};
  #last = "none";

  constructor(socket) {
    this.socket = socket;
    this.closed = once(socket, "close").then(([code]) => code);
    socket.on("message", (data) => {
      this.#last = String(data);
      this.#waiting.push(this.#last);
      this.#wake();
    });
  }

  /** Opens one, and logs in if there is a key. */
  static async open(key, { protocols = [], headers = {} } = {}) {
    const socket = new WebSocket(socketUrl, protocols, { headers });
    const line = new Line(socket);
    await within(once(socket, "open"), "a raw socket to open");
    if (key) line.say(`AUTHENTICATE ${JSON.stringify(proof(key))}`);
    return line;
  }

  /** The status by which opening is refused. */
  static async refused(options) {
    const socket = new WebSocket(socketUrl, [], options);
    socket.on("error", () => {});
    const [, response] = await within(once(socket, "unexpected-response"), "the upgrade to be refused");
    socket.terminate();
    return response.statusCode;
  }

  say(frame) {
    this.socket.send(frame);
  }

  /** The next frame that begins with a verb, its argument parsed if it is JSON; those before it are passed over. */
  hears(verb) {
    return this.#within(this.#next(verb), `a ${verb} frame`);
  }

  /** What came instead is the best hint at what went wrong. */
  #within(promise, what) {
    return within(promise, what).catch((error) => {
      throw new Error(`${error.message}; the last frame that came is ${this.#last.slice(0, 500)}`);
    });
  }

  async #next(verb) {
    for (;;) {
      while (this.#waiting.length > 0) {
        const frame = this.#waiting.shift();
        if (!frame.startsWith(`${verb} `)) continue;
        const argument = frame.slice(verb.length + 1);
        return verb === "ERROR" ? argument : JSON.parse(argument);
      }
      await new Promise((resolve) => (this.#wake = resolve));
    }
  }

  /** What has been heard and not been taken when everything said before has taken effect. */
  async rest() {
    const mark = `${origin}/mark/${Math.random().toString(36).slice(2)}`;
    this.say(`GET ${mark}`);
    const isMark = (frame) => frame.startsWith("RESOURCE ") && JSON.parse(frame.slice(9))["@id"] === mark;
    const all = async () => {
      while (!this.#waiting.some(isMark)) await new Promise((resolve) => (this.#wake = resolve));
      return this.#waiting.splice(0, this.#waiting.findIndex(isMark) + 1).slice(0, -1);
    };
    return this.#within(all(), "the answer to a GET behind all other frames");
  }

  close() {
    this.socket.terminate();
  }
}
