// Socket.IO, WebSockets only, with connection state recovery. Started with --expose-gc; NODE_PATH names a folder that has socket.io.
// The control's lines are those of PeerControl.
const http = require("http");
const net = require("net");
const crypto = require("crypto");
const { Server } = require("socket.io");

const secret = process.env.JWT_SECRET_KEY;

// The same access token as of the others: header, claims and HMAC-SHA256.
const userOf = token => {
  const [header, claims, signature] = (token ?? "").split(".");
  if (!signature) return null;
  const due = crypto.createHmac("sha256", secret).update(`${header}.${claims}`).digest();
  const given = Buffer.from(signature, "base64url");
  if (due.length !== given.length || !crypto.timingSafeEqual(due, given)) return null;
  const { sub, exp } = JSON.parse(Buffer.from(claims, "base64url"));
  return exp * 1000 > Date.now() ? sub : null;
};

const server = http.createServer();
const io = new Server(server, {
  transports: ["websocket"],
  perMessageDeflate: false,
  // Who comes back is asked again who he is, as with the others.
  connectionStateRecovery: process.env.THROUGHLINE_BENCH_RECOVERY ? { maxDisconnectionDuration: 60_000, skipMiddlewares: false } : undefined,
});
io.use((socket, next) => {
  const user = userOf(socket.handshake.auth.token);
  if (!user) return next(new Error("invalid token"));
  socket.data.user = user;
  next();
});
io.on("connection", socket => {
  if (!socket.recovered) socket.join(socket.data.user);
});

const idOf = stream => `${(stream + 1).toString(16).padStart(8, "0")}-7274-4000-8000-000000000001`;

// The clock that .NET's Stopwatch reads on Linux.
const numbers = [];
const publish = stream => {
  const t = Number(process.hrtime.bigint());
  const n = (numbers[stream] = (numbers[stream] ?? 0) + 1);
  const head = `{"type":"CUSTOM","t":${t},"n":${n},"p":"`.length;
  io.to(idOf(stream)).emit("e", { type: "CUSTOM", t, n, p: "x".repeat(128 - head - 2) });
};

const answer = ([what, ...how]) => {
  const [first, end, step] = how.map(Number);
  switch (what) {
    case "round":
      for (let stream = first; stream < end; stream += step) publish(stream);
      return null;
    case "collect":
      global.gc();
      global.gc();
      return "ok";
    default:
      return "ok"; // prepare, flush: nothing to do
  }
};

server.listen(0, "127.0.0.1", () => {
  const control = net.connect(process.env.THROUGHLINE_BENCH_CONTROL);
  control.write(`ready http://127.0.0.1:${server.address().port}\n`);
  let rest = "";
  control.setEncoding("utf8").on("data", text => {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const reply = answer(line.trim().split(" "));
      if (reply) control.write(reply + "\n");
    }
  });
  control.on("close", () => process.exit(0));
});
