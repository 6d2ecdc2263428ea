// What deployed readers of Versia take: an unknown member, or one of the wrong type, fails the whole entity (versia.md, section 3.6).
//
// The members are those that the published SDK 0.2.1 (0.5) and its successor (0.6) know; neither is on npm.
import assert from "node:assert/strict";

const is = (what, passes) => (value, at) => assert.ok(passes(value), `${at}: ${JSON.stringify(value)} is no ${what}`);
const text = is("string", (it) => typeof it === "string");
const url = is("URL", (it) => typeof it === "string" && URL.canParse(it));
const yes = is("boolean", (it) => typeof it === "boolean");
const count = is("whole number", (it) => Number.isSafeInteger(it) && it >= 0);
const moment = is("moment", (it) => typeof it === "string" && !Number.isNaN(Date.parse(it)));
const number = is("id of 0.6", (it) => /^[A-Za-z0-9_-]{1,512}$/.test(it));
const anything = () => {};
const exactly = (wanted) => is(JSON.stringify(wanted), (it) => it === wanted);
const either = (...words) => is(words.join(" or "), (it) => words.includes(it));
const orNull = (type) => (value, at) => value === null || type(value, at);
const list = (type) => (value, at) => {
  assert.ok(Array.isArray(value), `${at} is no list`);
  value.forEach((item, index) => type(item, `${at}[${index}]`));
};

/** Members that must be there, and those that may be, or be null. */
const object = (must, may = {}) => (value, at) => {
  assert.ok(value !== null && typeof value === "object" && !Array.isArray(value), `${at} is no object`);
  for (const name of Object.keys(must)) assert.ok(name in value, `${at}.${name} is missing`);
  for (const [name, member] of Object.entries(value)) {
    const type = must[name] ?? (may[name] && orNull(may[name]));
    assert.ok(type, `${at}.${name} is unknown to strict readers`);
    type(member, `${at}.${name}`);
  }
};

const content = (value, at) => {
  for (const [media, entry] of Object.entries(value)) {
    assert.match(media, /^text\//, at);
    object({ content: text, remote: exactly(false) })(entry, `${at}.${media}`);
  }
};
const software = object({ name: text, version: text });
const compatibility = object({ versions: list(text), extensions: list(text) });
const extras = { $schema: url, extensions: anything };
const category = either("microblog", "forum", "blog", "image", "video", "audio", "messaging");

/** Entities of one version: `point` is how they point at others, `base` what all have, `passing` what those have that cannot be fetched. */
const version = (point, base, passing) => {
  const thing = (type, must, may) => object({ ...base, type: exactly(type), ...must }, { ...extras, ...may });
  const order = (type, must) => object({ ...passing.must, type: exactly(type), ...must }, { ...extras, ...passing.may });
  const pair = (type, from, to) => order(type, { [from]: point, [to]: point });
  return {
    thing,
    order,
    Follow: pair("Follow", "author", "followee"),
    Unfollow: pair("Unfollow", "author", "followee"),
    FollowAccept: pair("FollowAccept", "author", "follower"),
    Delete: order("Delete", { author: point, deleted_type: text, deleted: point }),
    Like: thing("pub.versia:likes/Like", { author: point, liked: point }),
    Dislike: thing("pub.versia:likes/Dislike", { author: point, disliked: point }),
    Reaction: thing("pub.versia:reactions/Reaction", { author: point, object: point, content: text }),
    SubscribeAccept: pair("pub.versia:groups/SubscribeAccept", "subscriber", "group"),
  };
};

const profile = { display_name: text, bio: content, avatar: anything, header: anything };
const said = { content, category, device: anything, group: text, subject: text };
const key = { key: text, algorithm: exactly("ed25519") };

const v05 = version(url, { id: text, uri: url, created_at: moment }, { must: { id: text, created_at: moment }, may: { uri: exactly(null) } });
export const early = {
  ...v05,
  InstanceMetadata: object(
    { type: exactly("InstanceMetadata"), name: text, software, compatibility, created_at: moment, host: text, public_key: object(key) },
    { ...extras, description: text, shared_inbox: url, moderators: url, admins: url, logo: anything, banner: anything },
  ),
  User: v05.thing(
    "User",
    {
      username: is("username", (it) => /^[A-Za-z0-9_-]+$/.test(it)),
      public_key: object({ ...key, actor: url }),
      inbox: url,
      collections: object({ outbox: url, followers: url, following: url, featured: url }),
    },
    { ...profile, fields: list(anything), manually_approves_followers: yes, indexable: yes },
  ),
  Note: v05.thing(
    "Note",
    { author: url, collections: object({ replies: url, quotes: url }) },
    { ...said, attachments: list(anything), is_sensitive: yes, mentions: list(url), previews: list(anything), quotes: url, replies_to: url },
  ),
  Group: v05.thing("pub.versia:groups/Group", { members: url }, { name: content, description: content, open: yes, notes: url }),
  collection: (item) =>
    object({ author: orNull(url), first: url, last: url, next: orNull(url), previous: orNull(url), total: count, items: list(item) }),
  point: url,
};

const v06 = version(text, { id: number, created_at: moment }, { must: { created_at: moment }, may: { id: exactly(null) } });
export const later = {
  ...v06,
  InstanceMetadata: object(
    { type: exactly("InstanceMetadata"), name: text, software, compatibility, created_at: moment, domain: text, public_key: object(key) },
    { ...extras, description: text, logo: anything, banner: anything },
  ),
  User: v06.thing(
    "User",
    {
      username: is("username", (it) => /^[A-Za-z0-9_-]+$/.test(it)),
      fields: list(anything),
      manually_approves_followers: yes,
      indexable: yes,
    },
    profile,
  ),
  Note: v06.thing(
    "Note",
    { author: text, attachments: list(anything), is_sensitive: yes, mentions: list(text), previews: list(anything) },
    { ...said, quotes: text, replies_to: text },
  ),
  Group: v06.thing("pub.versia:groups/Group", { open: yes }, { name: content, description: content }),
  collection: (item) => object({ author: orNull(text), total: count, items: list(item) }),
  point: text,
};
