/** As much of the package `ws` as is used here; its own types would bring those of Node.js. */
declare module "ws" {
  const WebSocket: new (url: string, options: { perMessageDeflate: boolean }) => object;
  export default WebSocket;
}
