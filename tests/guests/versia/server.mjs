// A Versia server on Node's own crypto, http and fetch, with the habits of deployed ones: it signs fractions of a second where asked to, signs
// paths percent-encoded twice, and answers 200 to whatever is posted.
import assert from "node:assert/strict";
import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { within } from "../atomic/waiting.mjs";

const required = (name) => process.env[name] ?? assert.fail(`${name} is not set; \`cargo test -p quintet-tests --test guests\` sets it`);

/** The house under test: its origin, and how others name it. */
export const house = required("HOUSE_URL");
export const host = new URL(house).host;
/** The URI of a federated room of it. */
export const group = required("HOUSE_GROUP");

const MEDIA = { early: "application/json", later: "application/vnd.versia+json" };

/** A call of the house's API, as its operator. */
export async function order(method, path, body) {
  const headers = { authorization: `Bearer ${required("HOUSE_KEY")}`, "content-type": "application/json" };
  const answer = await fetch(`${house}/quintet/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  const told = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${told}`);
  return told && JSON.parse(told);
}

/** What is signed, with the path of a URL as `encode` spells it. */
const spelled = (method, url, at, body, encode = (path) => path) =>
  `${method.toLowerCase()} ${encode(new URL(url).pathname)} ${at} ${createHash("sha256").update(body).digest("base64")}`;

/** Checks the signature on headers of the house by a key as its documents give it. */
export function check(headers, key, method, url, body) {
  const publicKey = createPublicKey({ key: Buffer.from(key, "base64"), format: "der", type: "spki" });
  const header = (name) => headers.get(`versia-${name}`) ?? assert.fail(`${url}: no versia-${name}`);
  const line = spelled(method, url, header("signed-at"), body);
  assert.ok(verify(null, Buffer.from(line), publicKey, Buffer.from(header("signature"), "base64")), `${url}: ${line}`);
  return header("signed-by");
}

/** A server with one user, bob, that speaks one version. */
export class Server {
  posts = [];
  #waiting = [];
  #keys = { user: generateKeyPairSync("ed25519"), instance: generateKeyPairSync("ed25519") };

  static async open(version) {
    const server = new Server();
    server.version = version;
    server.http = createServer((request, response) => server.#answer(request, response)).listen(0, "127.0.0.1");
    await once(server.http, "listening");
    server.host = `127.0.0.1:${server.http.address().port}`;
    server.origin = `http://${server.host}`;
    server.bob = version === "early" ? `${server.origin}/users/1` : `${server.host}:1`;
    return server;
  }

  /** What an entity begins with; one with an id is addressable. */
  entity(type, members, id) {
    const early = this.version === "early";
    const name = id && early ? { uri: `${this.origin}/things/${id}` } : {};
    const passing = early ? { id: id ?? `t${Math.random()}` } : id && { id };
    return { type, created_at: new Date().toISOString(), ...passing, ...name, ...members };
  }

  /** The headers of a request, signed as bob's server does it. */
  sign(method, url, body = "", at = String(Math.floor(Date.now() / 1000))) {
    const keys = this.version === "early" ? this.#keys.user : this.#keys.instance;
    const line = spelled(method, url, at, body, encodeURI);
    const signature = sign(null, Buffer.from(line), keys.privateKey).toString("base64");
    const by = this.version === "early" ? this.bob : this.host;
    return { "versia-signature": signature, "versia-signed-at": at, "versia-signed-by": by };
  }

  /** Posts an entity as the SDK does, whose signer loses all headers but its own; the status must be 202. */
  async post(url, entity, at) {
    const body = JSON.stringify(entity);
    const answer = await fetch(url, { method: "POST", body, headers: this.sign("POST", url, body, at) });
    assert.equal(answer.status, 202, await answer.text());
  }

  /** A document of the house, with what signed it. */
  async get(url, headers = this.sign("GET", url)) {
    const media = MEDIA[this.version];
    const answer = await fetch(url, { headers: { accept: media, ...headers } });
    const body = await answer.text();
    assert.equal(answer.status, 200, `${url}: ${body}`);
    assert.equal(answer.headers.get("content-type"), `${media}; charset=utf-8`);
    return { json: JSON.parse(body), body, headers: answer.headers };
  }

  /** The next post of a type. */
  async next(type) {
    const found = () => this.posts.findIndex((post) => post.json.type === type);
    while (found() < 0) await within(new Promise((resolve) => this.#waiting.push(resolve)), `a post of ${type}`);
    return this.posts.splice(found(), 1)[0];
  }

  close() {
    this.http.close();
    this.http.closeAllConnections();
  }

  async #answer(request, response) {
    const url = this.origin + request.url;
    if (request.method === "POST") {
      let body = "";
      for await (const part of request.setEncoding("utf8")) body += part;
      this.posts.push({ url, body, json: JSON.parse(body), headers: new Headers(request.headers) });
      this.#waiting.splice(0).forEach((resolve) => resolve());
      return response.end("Request processed");
    }
    const document = this.#documents()[request.url];
    response.writeHead(document ? 200 : 404, { "content-type": `${MEDIA[this.version]}; charset=utf-8` });
    response.end(JSON.stringify(document ?? { error: "not found" }));
  }

  #documents() {
    const [created_at, actor] = [new Date().toISOString(), this.bob];
    const spki = (pair) => pair.publicKey.export({ format: "der", type: "spki" }).toString("base64");
    const key = (pair) => ({ algorithm: "ed25519", key: spki(pair) });
    const about = (versions) => ({
      type: "InstanceMetadata",
      name: "guest",
      software: { name: "guest", version: "1" },
      compatibility: { versions, extensions: [] },
      created_at,
      public_key: key(this.#keys.instance),
    });
    if (this.version === "early") {
      const collections = Object.fromEntries(["outbox", "followers", "following", "featured"].map((it) => [it, `${actor}/${it}`]));
      const public_key = { actor, ...key(this.#keys.user) };
      return {
        "/.well-known/versia": { ...about(["0.5.0"]), host: this.host, shared_inbox: `${this.origin}/inbox` },
        "/users/1": { type: "User", id: "1", uri: actor, created_at, username: "bob", inbox: `${actor}/inbox`, public_key, collections },
      };
    }
    const user = { type: "User", id: "1", created_at, username: "bob", fields: [], manually_approves_followers: false, indexable: true };
    return {
      "/.well-known/versia": { versions: ["0.6.0"] },
      "/.versia/v0.6/instance": { ...about(["0.6.0"]), domain: this.host },
      "/.versia/v0.6/entities/User/1": user,
    };
  }
}
