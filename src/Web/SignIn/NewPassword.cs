using Throughline.Web.Shell;

namespace Throughline.Web.SignIn;

/// <summary>What a new password must be, in words. The server decides; these spare the way to it.</summary>
internal static class NewPassword
{
    public const string Leaked = "This password is on a list of leaked passwords. Choose another.";

    public static string Hint(int shortest) => $"{shortest} characters at least. No other rules.";

    /// <returns>What is wrong, or <c>null</c>.</returns>
    public static string? Check(string password, int shortest) =>
        password.Length < shortest ? $"{Words.Count(password.Length, "character")}. {shortest} is the least." : null;
}
