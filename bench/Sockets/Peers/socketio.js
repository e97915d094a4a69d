// Socket.IO, WebSockets only. Started with --expose-gc; NODE_PATH names a folder that has socket.io.
const http = require("http");
const { Server } = require("socket.io");

const server = http.createServer();
const io = new Server(server, { transports: ["websocket"], perMessageDeflate: false });

// The clock that .NET's Stopwatch reads on Linux.
const event = () => {
  const event = { type: "CUSTOM", t: process.hrtime.bigint().toString(), p: "" };
  const head = `{"type":"CUSTOM","t":${event.t},"p":"`.length;
  return { type: event.type, t: Number(event.t), p: "x".repeat(128 - head - 2) };
};

const publish = async (events, rate) => {
  const began = process.hrtime.bigint();
  for (let i = 0; i < events; i++) {
    if (rate) {
      const early = (i / rate) * 1000 - Number(process.hrtime.bigint() - began) / 1e6;
      if (early > 0) await new Promise(next => setTimeout(next, early));
    } else {
      await new Promise(setImmediate); // else nothing is sent before the last
    }
    io.emit("e", event());
  }
};

server.prependListener("request", async (request, response) => {
  const url = new URL(request.url, "http://localhost");
  if (url.pathname === "/publish") await publish(Number(url.searchParams.get("events")), Number(url.searchParams.get("rate") ?? 0));
  else if (url.pathname === "/collect") global.gc();
  else return;
  response.end();
});

server.listen(0, "127.0.0.1", () => console.log(`ready http://127.0.0.1:${server.address().port}`));
process.stdin.resume().on("end", () => process.exit(0));
