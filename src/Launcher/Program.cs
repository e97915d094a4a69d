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
    await Console.Error.WriteLineAsync($"throughline: {e.Message}\n{e.Next}");
    return e.ExitCode;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"throughline: {e.Message}\nSee that there is room on the disk, and that you may read and write there; then try again.");
    return ExitCode.Other;
}
catch (OperationCanceledException)
{
    return ExitCode.Stopped; // told to stop before there was anything to stop
}
