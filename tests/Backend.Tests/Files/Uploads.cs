using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Files;

namespace Throughline.Backend.Tests.Files;

/// <summary>Usage data, and how to send it.</summary>
internal static class Uploads
{
    /// <summary>An Azure trace of so many rows, each start with its own numbers.</summary>
    public static byte[] Trace(int rows, int seed = 1)
    {
        var text = new StringBuilder("TIMESTAMP,ContextTokens,GeneratedTokens\n");
        for (var i = 0; i < rows; i++)
            text.Append(CultureInfo.InvariantCulture, $"2023-11-16 18:17:{i % 60:00}.9799600,{1000 + (i * seed)},{10 + i}\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public static byte[] Gzip(byte[] content)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest)) gzip.Write(content);
        return target.ToArray();
    }

    public static MultipartFormDataContent Form(string name, byte[] content) => new() { { new ByteArrayContent(content), "file", name } };

    public static async Task<HttpResponseMessage> SendFileAsync(this Member member, string name, byte[] content, CancellationToken cancellationToken)
    {
        using var form = Form(name, content);
        return await member.Http.PostAsync("/api/files", form, cancellationToken);
    }

    public static async Task<UsageFile> UploadAsync(this Member member, string name, byte[] content, CancellationToken cancellationToken)
    {
        using var response = await member.SendFileAsync(name, content, cancellationToken);
        return await response.ReadAsync(WireJson.Default.UsageFile, cancellationToken);
    }

    /// <returns>How the run ended.</returns>
    public static async Task<string?> AskAsync(this Member member, string question, params Guid[] files)
    {
        var (run, stop) = (Guid.NewGuid().ToString(), TestContext.Current.CancellationToken);
        using var answer = await member.Http.PostAsJsonAsync("/api/agui", RawSocket.Input(question, run, run, files), stop);
        await answer.Content.ReadAsStringAsync(stop);
        return (await member.Http.GetFromJsonAsync<JsonElement>($"/api/runs/{run}", stop)).GetProperty("status").GetString();
    }

    /// <summary>What lies in the owner's folder.</summary>
    public static string[] StoredOf(this Services services, Member member)
    {
        var folder = services.State.PathOf("files", member.UserId.ToString());
        return Directory.Exists(folder) ? Directory.GetFiles(folder) : [];
    }

    public static string[] Incoming(this Services services)
    {
        var folder = services.State.PathOf("files", "incoming");
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : [];
    }
}
