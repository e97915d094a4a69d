using System.CommandLine;
using Throughline.Launcher;
using Throughline.ServiceDefaults;

var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
try
{
    return await CommandLine.Create().Parse(args).InvokeAsync(configuration);
}
catch (LauncherException e)
{
    await Console.Error.WriteLineAsync($"throughline: {e.Message}\n{e.Next}");
    return e.ExitCode;
}
catch (OperationCanceledException)
{
    return ExitCode.Stopped; // told to stop before there was anything to stop
}
