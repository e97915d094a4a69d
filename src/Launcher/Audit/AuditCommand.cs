using System.CommandLine;

namespace Throughline.Launcher.Audit;

/// <summary><c>throughline audit</c>: the log of security events, read from the running stack.</summary>
internal static class AuditCommand
{
    public static Command Create() => new("audit", """
        Check or read the log of security events: who, what, when, from where, with what outcome.

        Examples:
          throughline audit verify                             nothing was changed, removed or put in: exit code 0
          throughline audit show --event login --lines 20      the last twenty sign-ins and attempts
          throughline audit show --follow                      what happens now
        """)
    {
        AuditVerifyCommand.Create(), AuditShowCommand.Create(),
    };
}
