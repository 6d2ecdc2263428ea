// Invites: how a second agent gets in.
import assert from "node:assert/strict";
import test from "node:test";
import { enter, make, newAgent, newArticle, newDrive, origin, request, root, stored } from "./house.mjs";
import { C, P } from "./terms.mjs";

/** Ann's private drive with an article, and an invite to it. */
async function invitation(propVals = {}) {
  const agent = await newAgent();
  const ann = await enter(agent);
  const drive = await newDrive(ann);
  const article = await newArticle(ann, drive);
  const invite = await make(ann, {
    isA: C("Invite"),
    parent: drive.subject,
    propVals: { [P("invite/target")]: drive.subject, [P("invite/write")]: true, ...propVals },
  });
  return { ann, agent, drive, article, invite };
}

const asNewcomer = async (invite, agent) =>
  `${invite.subject}?public-key=${encodeURIComponent(await agent.getPublicKey())}`;
const asKnown = (invite, agent) => `${invite.subject}?agent=${encodeURIComponent(agent.subject)}`;

test("a newcomer accepts by the client, and may read and write from then on", async () => {
  const { drive, article, invite, agent } = await invitation({ [P("invite/usagesLeft")]: 1 });
  const bobAgent = await newAgent();
  const nobody = await enter();
  const redirect = await nobody.fetchResourceFromServer(await asNewcomer(invite, bobAgent));
  assert.equal(redirect.error, undefined, redirect.error?.message);
  assert.deepEqual(redirect.getClasses(), [C("Redirect")]);
  assert.equal(redirect.get(P("destination")), drive.subject);
  assert.equal(redirect.get(P("invite/redirectAgent")), bobAgent.subject);

  const bob = await enter(bobAgent);
  const copy = await bob.getResource(article.subject);
  await copy.set(P("name"), "by the invited");
  await copy.save();
  assert.equal((await stored(article.subject, agent))[P("name")], "by the invited");
  assert.equal((await stored(invite.subject, agent))[P("invite/usagesLeft")], 0);

  const carol = await newAgent();
  const used = await request(await asNewcomer(invite, carol));
  assert.equal(used.status, 409, used.text);
  assert.match(used.body[P("description")], /No usages left for this invite/);
  assert.equal((await request(drive.subject, { agent: carol })).status, 401);
});

test("somebody who is known accepts by name, for reading only, over HTTP", async () => {
  const { drive, invite, article } = await invitation({ [P("invite/write")]: false });
  const bobAgent = await newAgent();
  const bob = await enter(bobAgent);
  await newDrive(bob);
  const answer = await request(asKnown(invite, bobAgent));
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body["@id"], asKnown(invite, bobAgent));
  assert.equal(answer.body[P("destination")], drive.subject);
  assert.match(answer.headers.get("cache-control"), /no-store/);
  const copy = await bob.getResource(article.subject);
  assert.equal(copy.error, undefined);
  await copy.set(P("name"), "by the invited");
  await assert.rejects(copy.save(), /Unauthorized\. /);
});

test("an invite for three lets three in, however many come at once", async () => {
  const { invite, drive } = await invitation({ [P("invite/usagesLeft")]: 3 });
  const agents = await Promise.all(Array.from({ length: 8 }, newAgent));
  const answers = await Promise.all(agents.map(async (agent) => request(await asNewcomer(invite, agent))));
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, 200, 200, 409, 409, 409, 409, 409]);
  const reads = await Promise.all(agents.map((agent) => request(drive.subject, { agent })));
  assert.equal(reads.filter(({ status }) => status === 200).length, 3);
});

test("an invite ends when it says", async () => {
  const past = await invitation({ [P("invite/expiresAt")]: Date.now() - 60_000 });
  const late = await request(await asNewcomer(past.invite, await newAgent()));
  assert.notEqual(late.status, 200, late.text);
  const future = await invitation({ [P("invite/expiresAt")]: Date.now() + 60_000 });
  assert.equal((await request(await asNewcomer(future.invite, await newAgent()))).status, 200);
});

test("looking at an invite accepts nothing", async () => {
  const { invite, agent, drive } = await invitation({ [P("invite/usagesLeft")]: 1 });
  const bob = await newAgent();
  const url = await asNewcomer(invite, bob);
  await request(url, { method: "HEAD" });
  await request(url, { method: "OPTIONS" });
  await stored(invite.subject, agent);
  assert.equal((await stored(invite.subject, agent))[P("invite/usagesLeft")], 1);
  assert.equal((await request(drive.subject, { agent: bob })).status, 401);
  const both = `${url}&agent=${encodeURIComponent(bob.subject)}`;
  assert.equal((await request(both)).status, 400);
});

test("nobody invites to what is not theirs", async () => {
  const { drive } = await invitation();
  const bob = await enter(await newAgent());
  const own = await newDrive(bob);
  const invite = await bob.newResource({
    isA: C("Invite"),
    parent: own.subject,
    propVals: { [P("invite/target")]: drive.subject, [P("invite/write")]: true },
  });
  await assert.rejects(invite.save(), /Unauthorized\. /);
});

test("the house's own invite makes an administrator of the first who comes from this machine", async () => {
  const agent = await newAgent();
  const nobody = await enter();
  const setup = await nobody.fetchResourceFromServer(`${origin}/setup`);
  assert.deepEqual(setup.getClasses(), [C("Invite")]);
  assert.equal(setup.get(P("invite/target")), origin);
  const redirect = await nobody.fetchResourceFromServer(await asNewcomer(setup, agent));
  assert.equal(redirect.error, undefined, redirect.error?.message);
  const store = await enter(agent);
  const below = await newArticle(store, { subject: origin });
  assert.equal((await stored(below.subject))[P("name")], "An article");
  const again = await request(await asNewcomer(setup, await newAgent()));
  assert.equal(again.status, 409, again.text);
  assert.ok((await stored(origin, root))[P("write")].includes(agent.subject));
});
