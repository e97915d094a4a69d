using System.Text.Json;
using System.Text.Json.Serialization;
using Throughline.Client.Tokens;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Login;

/// <summary>A sign-in of the person at this shell. Saved whole beside and then renamed, readable by its owner only.</summary>
internal sealed record StoredLogin(string Email, TokenSet Tokens)
{
    public static StoredLogin? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), LoginJson.Default.StoredLogin);
        }
        catch (JsonException)
        {
            throw new LauncherException(ExitCode.Configuration, $"{path} is damaged.", "Delete it and run: throughline login");
        }
    }

    public void Save(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
            StateDirectory.CreateFolder(folder);
        var draft = $"{path}.{Environment.ProcessId}.tmp"; // several may renew at once
        StateDirectory.WritePrivate(draft, JsonSerializer.Serialize(this, LoginJson.Default.StoredLogin));
        File.Move(draft, path, overwrite: true);
    }
}

[JsonSerializable(typeof(StoredLogin))]
internal sealed partial class LoginJson : JsonSerializerContext;
