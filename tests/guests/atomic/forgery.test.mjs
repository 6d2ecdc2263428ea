// Request forgery: whatever is said, the house asks nobody on the network.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import test, { after, before } from "node:test";
import { articleOf, newKey, post, signed } from "./commit.mjs";
import { origin, request } from "./house.mjs";
import { Line, proof, proofHeaders } from "./line.mjs";
import { scene } from "./scene.mjs";
import { C, P } from "./terms.mjs";

const trap = createServer((incoming, answer) => {
  const json = { "@id": `${bait}${incoming.url}`, [P("isA")]: [C("Agent")], [P("publicKey")]: newKey().publicKey };
  answer.setHeader("Content-Type", "application/ad+json").end(JSON.stringify(json));
});
const caught = [];
let bait;

before(async () => {
  trap.on("connection", (socket) => caught.push(socket.remotePort));
  trap.listen(0, "127.0.0.1");
  await once(trap, "listening");
  bait = `http://127.0.0.1:${trap.address().port}`;
});
after(() => trap.close().closeAllConnections());

test("no address that a request names is ever asked", async () => {
  const { ann, drive, article } = await scene();
  const url = (path) => `${bait}/${path}`;
  await post(signed(ann, article, { set: { [P("name")]: "x" } }, { [P("signer")]: url("signer") }));
  await post({ ...articleOf(ann, `${drive}/b`, drive, { [url("property")]: 1, [P("isA")]: [url("class")] }), [P("signature")]: "AAAA" });
  await post(articleOf(ann, `${drive}/c`, drive, { [url("property")]: "x", [P("isA")]: [url("class")], [P("replyTo")]: url("value") }));
  await post(articleOf(ann, `${drive}/d`, url("parent")));
  await post(articleOf(ann, url("subject"), drive));
  const bookmark = { [P("isA")]: [C("Bookmark")], [P("parent")]: drive, "https://atomicdata.dev/property/url": url("bookmark") };
  await post(signed(ann, `${drive}/e`, { set: bookmark }));
  await post(signed(ann, `${drive}/f`, { set: { [P("isA")]: [C("Invite")], [P("parent")]: drive, [P("invite/target")]: url("target") } }));
  const foreign = { ...proofHeaders(ann, drive), "x-atomic-agent": url("agent") };
  await request(drive, { headers: foreign });
  const session = btoa(JSON.stringify(proof(ann, { agent: url("agent"), requestedSubject: origin })));
  await request(drive, { headers: { Authorization: `Bearer ${session}` } });
  const query = (parameters) => new URLSearchParams(parameters);
  for (const path of [
    `/path?${query({ path: `${url("path")} name` })}`, `/path?${query({ path: url("path") })}`,
    `/fetch-bookmark?${query({ url: url("bookmark") })}`, `/import?${query({ url: url("import"), parent: drive })}`,
    `/version?${query({ commit: url("commit") })}`, `/all-versions?${query({ subject: url("versions") })}`,
    `/query?${query({ property: url("property"), value: url("value"), include_external: "true", include_nested: "true" })}`,
    `/search?${query({ q: "x", parents: url("parents") })}`, `/download/${url("file")}`, `/${url("x")}`,
    `/setup?${query({ agent: url("agent") })}`, `/export?${query({ format: "csv", subject: url("table") })}`,
  ]) {
    const answer = await request(origin + path, { headers: proofHeaders(ann, origin + path) });
    assert.ok(answer.status < 500 || answer.status === 501, `${path}: ${answer.status} ${answer.text.slice(0, 200)}`);
  }
  const importUrl = `${origin}/import?parent=${encodeURIComponent(drive)}`;
  const imported = JSON.stringify([{ "@id": url("imported"), [url("property")]: 1 }]);
  await request(importUrl, { method: "POST", body: imported, headers: proofHeaders(ann, importUrl) });

  const line = await Line.open();
  line.say(`GET ${url("get")}`);
  assert.match((await line.hears("RESOURCE"))[P("description")], /^Resource not found\. /);
  line.say(`SUBSCRIBE ${url("subscribe")}`);
  line.say(`SUBSCRIBE ${JSON.stringify([url("subscribe")])}`);
  line.say(`RESUME ${JSON.stringify({ [url("resume")]: "none" })}`);
  line.say(`AUTHENTICATE ${JSON.stringify(proof(ann, { agent: url("agent") }))}`);
  assert.match(await line.hears("ERROR"), /./);
  line.say(`COMMIT ${JSON.stringify(signed(ann, article, { set: { [P("name")]: "x" } }, { [P("signer")]: url("signer") }))}`);
  await line.rest();
  line.close();

  assert.equal((await fetch(url("control"))).status, 200);
  assert.equal(caught.length, 1, "the trap works, and only this test has stepped into it");
});
