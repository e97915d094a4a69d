using Throughline.Bench.Sockets;
using Throughline.Bench.Sockets.Peers;

return args is ["serve", var kind] ? await PeerHost.RunAsync(kind) : await SocketsCommand.RunAsync(args);
