return await Throughline.Bench.Sockets.SocketsCommand.RunAsync(args);
