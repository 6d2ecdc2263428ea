// A browser-style client as Flamigo's guide describes one, with the npm package `ws` as its WebSocket: authenticates, calls with `ackId` and with `ack`, joins a
// room, says one chat there, and prints every push. Ends when it has heard the chat `goodbye`.
import WebSocket from "ws";

const [server, token, room] = process.argv.slice(2);

const waiting = new Map();
const socket = new WebSocket(server.replace("http", "ws") + "/ws");
let last = 0;

// A reply carries the correlation key of its command; everything else is a push.
socket.onmessage = (event) => {
  const { topic, ack, ackId, payload } = JSON.parse(event.data);
  const reply = waiting.get(ackId ?? ack);
  if (reply) {
    waiting.delete(ackId ?? ack);
    return topic === "error" ? reply.reject(Object.assign(new Error(payload.message), payload)) : reply.resolve(payload);
  }
  console.log(event.data);
  if (topic === "chat:sent" && payload.chat.content === "goodbye") socket.close(1000);
};
socket.onclose = ({ code }) => process.exit(code === 1000 ? 0 : 1);

function call(topic, payload, key = "ackId") {
  const id = `${key}-${(last += 1)}`;
  socket.send(JSON.stringify({ topic, payload, [key]: id }));
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

function check(holds, what) {
  if (!holds) throw new Error(what);
}

await new Promise((resolve) => (socket.onopen = resolve));
const refused = await call("app::echo", 1).catch((error) => error);
check(refused.status === 401 && refused.type === "unauthorized", `not refused: ${JSON.stringify(refused)}`);
check((await call("app::websocket:auth", { token })).success, "not let in");
check((await call("app::echo", { n: [1.5, "é"] })).n[1] === "é", "no echo with ackId");
check((await call("app::echo", 7, "ack")) === 7, "no echo with ack");
check((await call("app::topic:subscribe", { topic: "notes/*" })).success, "not subscribed");
check((await call("app::room:join", { roomId: Number(room) })).room.id === Number(room), "not in the room");
check((await call("app::topic:publish", { topic: "notes/blue", payload: { text: "hi" } }, "ack")).success, "not published");
const { chat } = await call("app::chat:send", { roomId: Number(room), content: "hello from flamigo" });
check(chat.via === "flamigo" && chat.author.username === "bob", `not this chat: ${JSON.stringify(chat)}`);
