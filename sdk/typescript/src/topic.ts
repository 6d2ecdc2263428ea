/** Topics of the bus, and which pushes a pattern stands for. */

import type { Push } from "./envelope.js";

/** The kinds of place of which the house itself tells; all others belong to applications. */
const HOUSE = new Set(["room", "user", "client", "channel", "resource", "instance", "server", "auth"]);

/**
 * Whether a topic is among those that a pattern names: segments between slashes, `*` for any one of them, and all that is below.
 */
export function matches(pattern: string, topic: string): boolean {
  const names = topic.split("/");
  return pattern.split("/").every((part, index) => index < names.length && (part === "*" || part === names[index]));
}

/**
 * Whether a push may be one that was subscribed by this pattern.
 *
 * A push tells what happened, not where. Where that can be known from what it says, the answer is exact; notices belong to every
 * pattern of their kind, and names that an application gave to every pattern that is not the house's.
 */
export function concerns(pattern: string, push: Push): boolean {
  const topic = topicOf(push);
  if (topic !== undefined) return matches(pattern, topic);
  const first = pattern.split("/", 1)[0] ?? "";
  if (first === "*") return true;
  const notice = /^(client|channel|user|room):notice$/.exec(push.topic);
  return notice ? first === notice[1] : !HOUSE.has(first);
}

/** The topic on which something was said, where it can be known. */
function topicOf({ topic, payload }: Push): string | undefined {
  const told = object(payload);
  const [kind] = topic.split(":", 1);
  switch (topic) {
    case "presence:status":
    case "user:joined":
    case "user:changed":
      return below("user", object(told["user"])["id"]);
    case "resource:committed":
      return resource(told["subject"]);
    case "client:notice":
    case "channel:notice":
    case "user:notice":
    case "room:notice":
      return undefined;
  }
  if (kind !== topic && (kind === "chat" || kind === "presence" || kind === "room")) {
    return below("room", object(told["chat"])["roomId"] ?? object(told["room"])["id"] ?? told["roomId"]);
  }
  return topic.includes(":") && !topic.includes("/") ? undefined : topic;
}

function below(kind: string, id: unknown): string | undefined {
  return typeof id === "number" || typeof id === "string" ? `${kind}/${id}` : undefined;
}

function resource(subject: unknown): string | undefined {
  if (typeof subject !== "string" || !URL.canParse(subject)) return undefined;
  return `resource${new URL(subject).pathname}`.replace(/\/$/, "");
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
