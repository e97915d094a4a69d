using System.Net.Http.Json;
using System.Text.Json;
using Throughline.Analysis.Sample;

namespace Throughline.Backend.Tests.Runs;

/// <summary>A run that is surely under way when a test needs one that is: a full report over a million rows.</summary>
internal static class LongRun
{
    private const string Question = "Give me a full report: what did we spend by model, user, feature and day, why did it jump, and what should we change to save money?";

    private static readonly Lazy<Task<byte[]>> Rows = new(WriteAsync);

    public static async Task<Guid> UploadAsync(HttpClient http, CancellationToken cancellationToken)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(await Rows.Value.WaitAsync(cancellationToken)), "file", "million.csv.gz" } };
        using var answer = await http.PostAsync("/api/files", form, cancellationToken);
        var file = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        Assert.True(answer.IsSuccessStatusCode, file.ToString());
        Assert.Equal(1_000_000, file.GetProperty("rows").GetInt64());
        return file.GetProperty("id").GetGuid();
    }

    public static object Input(string threadId, string runId, Guid fileId) => RawSocket.Input(Question, threadId, runId, fileId);

    /// <summary>Waits until the run's first tool works.</summary>
    public static Task UnderWayAsync(RawSocket socket, string runId, CancellationToken cancellationToken) => socket.UntilAsync(
        $"a tool call of {runId}",
        f => RawSocket.TypeOf(f) == "event" && RawSocket.EventType(f) == "TOOL_CALL_END" && RawSocket.RunOf(f) == runId,
        cancellationToken);

    private static async Task<byte[]> WriteAsync()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("throughline-million-").FullName, "million.csv.gz");
        try
        {
            await SampleGenerator.WriteFileAsync(path, SampleOptions.Default with { Rows = 1_000_000 }, CancellationToken.None);
            return await File.ReadAllBytesAsync(path);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }
}
