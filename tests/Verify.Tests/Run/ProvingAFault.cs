using System.Text.Json;

namespace Throughline.Verify.Tests.Run;

/// <summary>The command itself, which breaks a stack of its own.</summary>
public sealed class ProvingAFault
{
    [Fact]
    public async Task One_that_is_seen_named_and_put_back_is_exit_code_0()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var (code, said) = await Verifying.SayAsync(["prove", "--fault", "record-names-another", "--slack", "4", "--out", folder.FullName]);
            Assert.True(code == 0, said);
            using var report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder.FullName, "prove.json"), TestContext.Current.CancellationToken));
            var fault = Assert.Single(report.RootElement.GetProperty("faults").EnumerateArray());
            Assert.Equal("Named", fault.GetProperty("outcome").GetString());
            Assert.Equal("discovery.wrong_port", fault.GetProperty("causes")[0].GetProperty("id").GetString());
            Assert.Contains("startup", fault.GetProperty("broken").EnumerateArray().Select(check => check.GetString()));
            Assert.True(fault.GetProperty("isRestored").GetBoolean());
            Assert.Empty(fault.GetProperty("after").EnumerateArray());
            Assert.True(File.Exists(Path.Combine(folder.FullName, "prove.html")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
