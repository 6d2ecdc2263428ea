import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../dist/backoff.js";
import { concerns, matches } from "../dist/topic.js";

test("patterns are prefixes, segment by segment", () => {
  const table: [string, string, boolean][] = [
    ["t", "t", true],
    ["t", "t1", false],
    ["t/a", "t/b", false],
    ["t/a", "t/*", true],
    ["t", "t/*", false],
    ["t/a", "t/*/*", false],
    ["t/a/b", "*/a/b", true],
    ["t/a/b", "t/a/b/f", false],
    ["t/a/b", "t/a", true],
    ["t/a/b/c", "*", true],
    ["tx/a", "t*/a", false],
  ];
  for (const [topic, pattern, expected] of table) assert.equal(matches(pattern, topic), expected, `${topic} ${pattern}`);
});

test("a push goes to the patterns that it may have been subscribed by", () => {
  const chat = { topic: "chat:sent", payload: { chat: { roomId: 5 } } };
  const table: [string, { topic: string; payload: unknown }, boolean][] = [
    ["room/5", chat, true],
    ["room/6", chat, false],
    ["room/*", chat, true],
    ["notes", chat, false],
    ["room/5", { topic: "presence:left", payload: { roomId: 5 } }, true],
    ["room/5", { topic: "room:changed", payload: { room: { id: 5 } } }, true],
    ["user/5", { topic: "user:changed", payload: { user: { id: 5 } } }, true],
    ["user/6", { topic: "presence:status", payload: { user: { id: 5 } } }, false],
    ["resource/notes", { topic: "resource:committed", payload: { subject: "https://x.org/notes/1" } }, true],
    ["resource/n", { topic: "resource:committed", payload: { subject: "https://x.org/notes/1" } }, false],
    ["resource", { topic: "resource:committed", payload: { subject: "https://x.org" } }, true],
    ["channel/lobby", { topic: "channel:notice", payload: {} }, true],
    ["user/5", { topic: "channel:notice", payload: {} }, false],
    ["notes/1", { topic: "note:updated", payload: null }, true],
    ["room/5", { topic: "note:updated", payload: null }, false],
    ["notes/1", { topic: "notes/1", payload: null }, true],
    ["notes/1", { topic: "notes/2", payload: null }, false],
    ["user/disconnected/*", { topic: "user/disconnected/7", payload: {} }, true],
  ];
  for (const [pattern, push, expected] of table) assert.equal(concerns(pattern, push), expected, `${pattern} ${push.topic}`);
});

test("pauses grow, by chance, up to a bound, and begin anew", () => {
  const pauses = (random: number) => {
    const backoff = new Backoff({ minMs: 100, maxMs: 1_000 }, () => random);
    return [0, 0, 0, 0, 0, 60_000, 0].map((held) => backoff.next(held));
  };
  assert.deepEqual(pauses(1), [100, 200, 400, 800, 1_000, 100, 200]);
  assert.deepEqual(pauses(0), [50, 100, 200, 400, 500, 50, 100]);
});
