// Commits made by hand, by Node's own crypto: an independent reading of how they are signed.
import { createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { origin, request } from "./house.mjs";
import { C, P } from "./terms.mjs";

/** A key pair, and the URL of its agent here. */
export function newKey() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const base64 = Buffer.from(publicKey.export({ format: "jwk" }).x, "base64url").toString("base64");
  return { privateKey, publicKey: base64, agent: `${origin}/agents/${base64}` };
}

/** RFC 8785, for what JSON.parse gives. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${members.join(",")}}`;
}

/** Text signed by a key, in base64. */
export const signText = (text, key) => sign(null, Buffer.from(text), key.privateKey).toString("base64");

/** A commit by a key: `members` are named without their URL, as in { set: … }; `over` goes in as it stands, signed too. */
export function signed(key, subject, members, over = {}) {
  const named = Object.entries(members).map(([name, value]) => [P(name), value]);
  const body = {
    [P("subject")]: subject,
    [P("signer")]: key.agent,
    [P("createdAt")]: Date.now(),
    [P("isA")]: [C("Commit")],
    ...Object.fromEntries(named),
    ...over,
  };
  return { ...body, [P("signature")]: signText(canonical(body), key) };
}

/** Whether a commit, as it was heard or answered, was signed by the agent that it names. */
export function isGenuine(commit) {
  const { "@id": _, [P("signature")]: signature, ...body } = commit;
  const x = Buffer.from(body[P("signer")].slice(`${origin}/agents/`.length), "base64").toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return verify(null, Buffer.from(canonical(body)), key, Buffer.from(signature, "base64"));
}

/** Posts a commit, or any text or bytes. */
export function post(commit, headers = {}) {
  const body = typeof commit === "string" || Buffer.isBuffer(commit) ? commit : JSON.stringify(commit);
  return request(`${origin}/commit`, { method: "POST", body, headers: { "Content-Type": "application/ad+json", ...headers } });
}

/** A commit that makes a private drive of a key's agent, for `readers` and `writers` too. */
export function driveOf(key, subject, { readers = [], writers = [], ...rest } = {}) {
  const set = {
    [P("isA")]: [C("Drive")],
    [P("name")]: "A drive made by hand",
    [P("read")]: [key.agent, ...readers],
    [P("write")]: [key.agent, ...writers],
    ...rest,
  };
  return signed(key, subject, { set });
}

/** A commit that makes an article. */
export function articleOf(key, subject, parent, set = {}) {
  const defaults = { [P("isA")]: [C("Article")], [P("name")]: "x", [P("description")]: "x", [P("parent")]: parent };
  return signed(key, subject, { set: { ...defaults, ...set } });
}
