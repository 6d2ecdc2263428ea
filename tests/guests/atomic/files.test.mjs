// Files: uploaded by the client, downloaded again by whoever may read them.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test from "node:test";
import { signRequest } from "@tomic/lib";
import { enter, newAgent, newDrive, origin, request, stored } from "./house.mjs";
import { C, P, everybody } from "./terms.mjs";

// One red pixel.
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

async function download(url, agent, headers = {}) {
  const signature = agent ? await signRequest(url, agent, {}) : {};
  const response = await fetch(url, { headers: { ...signature, ...headers }, signal: AbortSignal.timeout(20_000) });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

test("files make the round trip", async () => {
  const ann = await newAgent();
  const store = await enter(ann);
  const drive = await newDrive(store);
  const noise = randomBytes(1_000_000);
  const files = [
    new File(["hello, file"], "hello file.txt", { type: "text/plain" }),
    new File([noise], "noise.bin", { type: "application/octet-stream" }),
    new File([PNG], "pixel.png", { type: "image/png" }),
    new File([], "empty"),
  ];
  const subjects = await store.uploadFiles(files, drive.subject);
  assert.equal(subjects.length, files.length);
  for (const [index, subject] of subjects.entries()) {
    assert.ok(subject.startsWith(`${origin}/files/`), subject);
    const file = await stored(subject, ann);
    assert.ok(file[P("isA")].includes(C("File")));
    assert.equal(file[P("parent")], drive.subject);
    assert.equal(file[P("filename")], files[index].name);
    assert.equal(file[P("filesize")], files[index].size);
    assert.ok(file[P("lastCommit")], "it has a history like any other");
    const { status, bytes, headers } = await download(file[P("downloadURL")], ann);
    assert.equal(status, 200);
    assert.deepEqual(bytes, Buffer.from(await files[index].arrayBuffer()), files[index].name);
    if (files[index].type) assert.equal(headers.get("content-type").split(";")[0], files[index].type);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
  }
  const pixel = await stored(subjects[2], ann);
  assert.deepEqual([pixel[P("imageWidth")], pixel[P("imageHeight")]], [1, 1]);
});

test("a part of a file can be had", async () => {
  const ann = await newAgent();
  const store = await enter(ann);
  const drive = await newDrive(store);
  const [subject] = await store.uploadFiles([new File(["0123456789"], "digits.txt")], drive.subject);
  const url = (await stored(subject, ann))[P("downloadURL")];
  const part = await download(url, ann, { Range: "bytes=2-5" });
  assert.deepEqual([part.status, part.bytes.toString()], [206, "2345"]);
});

test("only who may write to the parent uploads, only who may read it downloads", async () => {
  const [annAgent, bobAgent] = [await newAgent(), await newAgent()];
  const [ann, bob] = [await enter(annAgent), await enter(bobAgent)];
  const drive = await newDrive(ann);
  const file = () => new File(["x"], "x.txt");
  await assert.rejects(bob.uploadFiles([file()], drive.subject), /Unauthorized\. /);
  const [subject] = await ann.uploadFiles([file()], drive.subject);
  const url = (await stored(subject, annAgent))[P("downloadURL")];
  assert.equal((await download(url, bobAgent)).status, 401);
  assert.equal((await download(url)).status, 401);
  drive.push(P("read"), [everybody]);
  await drive.save();
  assert.equal((await download(url)).status, 200);
});

test("a page that somebody uploaded runs no scripts in the house's name", async () => {
  const ann = await newAgent();
  const store = await enter(ann);
  const drive = await newDrive(store);
  const page = new File(["<script>alert(1)</script>"], "page\"\r\nX-Evil: 1.html", { type: "text/html" });
  const [subject] = await store.uploadFiles([page], drive.subject);
  const { headers } = await download((await stored(subject, ann))[P("downloadURL")], ann);
  assert.match(headers.get("content-security-policy") ?? "", /sandbox/);
  assert.equal(headers.get("x-evil"), null);
});

test("a refused upload leaves the connection usable", async () => {
  const bob = await newAgent();
  const drive = await newDrive(await enter(await newAgent()));
  const url = `${origin}/upload?parent=${encodeURIComponent(drive.subject)}`;
  for (let round = 0; round < 3; round++) {
    const body = new FormData();
    body.append("assets", new File([randomBytes(300_000)], "big.bin"));
    const answer = await request(url, { agent: bob, method: "POST", body });
    assert.equal(answer.status, 401, answer.text);
  }
  const empty = await request(url, { agent: bob, method: "POST", body: "no form", headers: { "Content-Type": "text/plain" } });
  assert.ok([400, 401, 415].includes(empty.status), `${empty.status} ${empty.text}`);
});
