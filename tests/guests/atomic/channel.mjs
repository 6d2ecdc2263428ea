// The same house seen from its Concord and Jac rooms, by their documented REST calls and sockets.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import WebSocket from "ws";
import { adminPassword, origin } from "./house.mjs";
import { within } from "./waiting.mjs";

/** A REST call that must succeed. */
export async function call(user, method, path, body) {
  const headers = { "Content-Type": "application/json" };
  if (user?.token) headers.Authorization = `Bearer ${user.token}`;
  const response = await fetch(origin + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

async function logIn(username, password) {
  const { token } = await call(null, "POST", "/api/tokens", { username, password });
  const { id } = await call({ token }, "GET", "/api/self");
  return { id, token, username };
}

export const admin = () => logIn("admin", adminPassword);

/** Somebody new. */
export async function newcomer(name) {
  const username = `${name}-${randomBytes(4).toString("hex")}`;
  await call(null, "POST", "/api/users/register", { username, password: "a-secret" });
  return logIn(username, "a-secret");
}

/** The channel that everybody finds. */
export async function general(user) {
  return (await call(user, "GET", "/api/server")).defaultChannelId;
}

/** Listens on a JSON socket; `hears` gives the first frame that is wanted, whether it came already or not. */
async function listen(url, headers = {}) {
  const socket = new WebSocket(url, { headers });
  const heard = [];
  socket.on("message", (data) => {
    heard.push(JSON.parse(String(data)));
    socket.emit("heard");
  });
  await within(once(socket, "open"), `${url} to open`);
  const search = async (wanted) => {
    for (;;) {
      const frame = heard.find(wanted);
      if (frame) return frame;
      await once(socket, "heard");
    }
  };
  const hears = (wanted, what) =>
    within(search(wanted), what).catch((error) => {
      throw new Error(`${error.message}; heard ${JSON.stringify(heard)}`);
    });
  return { socket, heard, hears, say: (frame) => socket.send(JSON.stringify(frame)) };
}

export const onConcord = ({ token }) => listen(`${origin.replace("http", "ws")}/client?token=${token}`);

/** A new user of the Jac room, in the channel of a room. */
export async function onJac(room) {
  const email = `jac-${randomBytes(4).toString("hex")}@example.org`;
  await call(null, "POST", "/user/register", { email, password: "a-secret" });
  const { token } = await call(null, "POST", "/user/login", { email, password: "a-secret" });
  const url = `${origin.replace("http", "ws")}/websocket?channel_id=${encodeURIComponent(`room:${room}`)}`;
  const jac = await listen(url, { Authorization: `Bearer ${token}` });
  await jac.hears((frame) => frame.type === "connection", "the greeting of the Jac room");
  return jac;
}
