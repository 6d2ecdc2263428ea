// The client of Jac Cloud's documentation (npm package `ws`, `Authorization` header): registers, logs in, joins the channel
// that it is given, and says one chat there. Prints every frame; ends when it has heard the chat `goodbye`.
import WebSocket from "ws";

const [server, email, password, channel] = process.argv.slice(2);

async function post(path, body) {
  const response = await fetch(server + path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

await post("/user/register", { email, password });
const { body: login } = await post("/user/login", { email, password });

const client = new WebSocket(`${server.replace("http", "ws")}/websocket?channel_id=${encodeURIComponent(channel)}`, {
  headers: { Authorization: `Bearer ${login.token}` },
});
client.onmessage = (event) => {
  console.log(event.data);
  const msg = JSON.parse(event.data);
  switch (msg.type) {
    case "connection":
      client.send(JSON.stringify({ type: "channel", channel_ids: [channel], data: { type: "chat", data: { message: "hello from jac" } } }));
      break;
    case "chat":
      if (msg.data.chat?.content === "goodbye" || msg.data.message === "goodbye") client.close();
      break;
  }
};
client.onclose = () => process.exit(0);
