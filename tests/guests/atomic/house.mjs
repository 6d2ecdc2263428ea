// The house under test, and how to enter it with an unmodified @tomic/lib. Every test has agents and a drive of its own.
//
// HOUSE_URL is its origin, HOUSE_SECRET what `quintet agent root` prints, HOUSE_ADMIN_PASSWORD the admin's password.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import WebSocket from "ws";
import { Agent, Store, StoreEvents, generatePublicKeyFromPrivate, signRequest } from "@tomic/lib";
import { C, P } from "./terms.mjs";
import { within } from "./waiting.mjs";

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; \`cargo test -p quintet-tests --test guests\` sets it`);
  return value;
}

export const origin = required("HOUSE_URL");
export const adminPassword = required("HOUSE_ADMIN_PASSWORD");
export const root = Agent.fromSecret(required("HOUSE_SECRET"));

/** The platform's WebSocket, with a memory: the library has neither acknowledgements nor a way to see what was sent. */
class Remembering extends WebSocket {
  said = [];
  heard = [];

  constructor(...parameters) {
    super(...parameters);
    this.on("message", (data) => this.heard.push(String(data)));
  }

  send(data, ...rest) {
    super.send(data, ...rest);
    this.said.push(String(data));
    this.emit("said", String(data));
  }
}
globalThis.WebSocket = Remembering;

// The library prints every refusal that it is about to return.
console.error = () => {};
console.warn = () => {};

/** A new agent, whom the house has never seen. The library's own generateKeyPair needs a browser. */
export async function newAgent() {
  const privateKey = randomBytes(32).toString("base64");
  const publicKey = await generatePublicKeyFromPrivate(privateKey);
  return new Agent(privateKey, `${origin}/agents/${publicKey}`);
}

/** A store whose socket is open, has sent its AUTHENTICATE, and knows the vocabulary; `errors` is what ERROR frames said. */
export async function enter(agent) {
  const store = new Store({ serverUrl: origin, agent });
  store.errors = [];
  store.on(StoreEvents.Error, (error) => store.errors.push(error.message));
  await opened(store, agent);
  await within(store.preloadPropsAndClasses(), "the vocabulary by /properties and /classes");
  assert.ok(store.resources.get(P("name"))?.isReady(), "the vocabulary has no property `name`");
  return store;
}

async function opened(store, agent) {
  const socket = store.getDefaultWebSocket();
  // `once` fails if the socket reports an error first.
  const open = once(socket, "open");
  const said = agent && saying(socket, (frame) => frame.startsWith("AUTHENTICATE "));
  await within(open, `the socket of ${origin} to open`);
  if (agent) await within(said, "the client to authenticate");
}

/** Waits for the client to have said something on its socket. */
export function saying(socket, wanted) {
  return new Promise((resolve) => {
    const look = (frame) => {
      if (!wanted(frame)) return;
      socket.off("said", look);
      resolve(frame);
    };
    socket.on("said", look);
  });
}

/** Waits until everything that this client has said before has taken effect: the frames of one socket do so in order. */
export async function settled(store) {
  const nothing = `${origin}/settled/${randomBytes(8).toString("hex")}`;
  const answer = await within(store.fetchResourceFromServer(nothing), "the answer to a GET behind all other frames");
  assert.match(answer.error?.message ?? "no error", /^Resource not found\. /);
}

/** The COMMIT frames on a subject that a client's socket has heard. */
export function commitsHeard(store, subject) {
  const frames = store.getDefaultWebSocket().heard.filter((frame) => frame.startsWith("COMMIT "));
  return frames.map((frame) => JSON.parse(frame.slice(7))).filter((commit) => commit[P("subject")] === subject);
}

/** A resource made and saved by a store's agent. */
export async function make(store, options) {
  const resource = await store.newResource(options);
  await within(resource.save(), `a ${options.isA} to be saved`);
  return resource;
}

/** A private drive of the store's agent; `lists` may name further agents by right. */
export function newDrive(store, lists = {}) {
  const owner = store.getAgent().subject;
  const propVals = { [P("name")]: "A drive", [P("read")]: [owner], [P("write")]: [owner], ...lists };
  return make(store, { isA: C("Drive"), noParent: true, propVals });
}

/** An article in a drive. */
export function newArticle(store, parent, propVals = {}) {
  const defaults = { [P("name")]: "An article", [P("description")]: "About nothing." };
  return make(store, { isA: C("Article"), parent: parent.subject, propVals: { ...defaults, ...propVals } });
}

/** A request by plain fetch, signed by an agent, or by nobody. JSON answers are parsed. */
export async function request(url, { agent, method = "GET", headers = {}, body } = {}) {
  const signature = agent ? await signRequest(url, agent, {}) : {};
  const response = await fetch(url, {
    method,
    body,
    headers: { Accept: "application/ad+json", ...signature, ...headers },
    redirect: "manual",
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  // The answer to a HEAD has the type of a body, and none.
  const isJson = text !== "" && (response.headers.get("content-type") ?? "").includes("json");
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}

/** What stands on the server, past every cache of the client. */
export async function stored(subject, agent) {
  const { status, text, body } = await request(subject, { agent });
  assert.equal(status, 200, `GET ${subject}: ${status} ${text}`);
  assert.equal(body["@id"], subject);
  return body;
}
