using System.CommandLine;
using System.CommandLine.Help;
using Throughline.Launcher.Ask;
using Throughline.Launcher.Audit;
using Throughline.Launcher.Backup;
using Throughline.Launcher.Doctor;
using Throughline.Launcher.Keys;
using Throughline.Launcher.Login;
using Throughline.Launcher.Logs;
using Throughline.Launcher.Prove;
using Throughline.Launcher.Reconcile;
using Throughline.Launcher.Sample;
using Throughline.Launcher.Status;
using Throughline.Launcher.Up;
using Throughline.Launcher.Verify;

namespace Throughline.Launcher;

/// <summary>The verbs, like a contents page.</summary>
internal static class CommandLine
{
    public static Option<string> State { get; } = new("--state")
    {
        Description = "The folder that holds everything a stack keeps: databases, secrets, files, logs.",
        DefaultValueFactory = _ => ".throughline",
        Recursive = true,
    };

    public static Command Create()
    {
        // A RootCommand would call itself by the assembly's name.
        var root = new Command("throughline", """
            Throughline: ask what your AI spend was, and why, and get figures that you can trace.

            Examples:
              throughline                                          start everything, open the browser
              throughline ask "What did we spend?" --file usage.csv    one question, one answer
              throughline up --detach && throughline status        run in the background, look at it
              throughline logs backend --follow                    what the backend says
              throughline verify                                   show that all of it works, on a throw-away stack
              throughline doctor                                   what is wrong with this machine, and how to mend it
            """)
        {
            UpCommand.Create(), DownCommand.Create(), StatusCommand.Create(), LogsCommand.Create(), DoctorCommand.Create(), AskCommand.Create(), SampleCommand.Create(),
            LoginCommand.Create(), LogoutCommand.Create(), KeysCommand.Create(), AuditCommand.Create(), ReconcileCommand.Create(), BackupCommand.Create(), RestoreCommand.Create(), VerifyCommand.Create(), ProveCommand.Create(),
        };
        root.Options.Add(State);
        root.Options.Add(new HelpOption());
        root.Options.Add(new VersionOption());
        foreach (var option in UpCommand.Options)
            root.Options.Add(option);
        root.SetAction(UpCommand.RunAsync);
        return root;
    }
}
