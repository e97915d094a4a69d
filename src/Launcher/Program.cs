using System.CommandLine;
using System.CommandLine.Invocation;
using Throughline.Launcher;
using Throughline.ServiceDefaults;

LocalAddresses.BypassProxy();
var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
try
{
    var parsed = CommandLine.Create().Parse(args);
    var code = await parsed.InvokeAsync(configuration);
    return parsed.Action is ParseErrorAction ? ExitCode.Configuration : code; // 1 would say that something is broken
}
catch (LauncherException e)
{
    return await SayAsync(e);
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    return await SayAsync(LauncherException.OfFiles(ExitCode.Other, e));
}
catch (OperationCanceledException)
{
    return ExitCode.Stopped; // told to stop before there was anything to stop
}

static async Task<int> SayAsync(LauncherException e)
{
    await Console.Error.WriteLineAsync($"throughline: {e.Message}\n{e.Next}");
    return e.ExitCode;
}
