// The client of Concord's documentation, run with the npm package `ws` as its WebSocket: opens a socket with a token,
// logs every frame, and talks by REST. Prints what it heard, one frame a line, and ends after the chat that it sent came back.
import WebSocket from "ws";

const [server, username, password] = process.argv.slice(2);
const json = { "Content-Type": "application/json" };

async function post(path, body, headers = {}) {
  const response = await fetch(server + path, { method: "POST", headers: { ...json, ...headers }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

const { token } = await post("/api/tokens", { username, password });
const authorization = { Authorization: `Bearer ${token}` };
const get = async (path) => (await fetch(server + path, { headers: authorization })).json();
const { defaultChannelId } = await get("/api/server");
const users = await get("/api/users");
const channels = await get("/api/channels");
if (!users.some((user) => user.username === username)) throw new Error("not in the user list");
if (!channels.some((channel) => channel.id === defaultChannelId && Array.isArray(channel.children))) throw new Error("no default channel");

const ws = new WebSocket(server.replace("http", "ws") + "/client?token=" + token);
ws.onopen = () => ws.send(JSON.stringify({ type: "chat_written", channelId: defaultChannelId, threadId: null, content: "hello from concord" }));
ws.onmessage = (message) => {
  console.log(message.data);
  const heard = JSON.parse(message.data);
  if (heard.type === "chat_sent" && heard.chat.content === "goodbye") ws.close();
};
ws.onclose = () => process.exit(0);
