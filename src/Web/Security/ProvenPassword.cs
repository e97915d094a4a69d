using Throughline.Web.Shell;

namespace Throughline.Web.Security;

/// <summary>The password asked for once more: what is said where it is missing or not right.</summary>
internal static class ProvenPassword
{
    public static void Check(string password, FormState form, string field = "password")
    {
        if (password.Length == 0)
            form.Wrong(field, "Enter your password.");
    }

    public static bool Explain(Failure failure, FormState form, string field = "password")
    {
        if (failure.Code != "invalid_credentials")
            return false;
        form.Wrong(field, "This is not your password.");
        return true;
    }
}
