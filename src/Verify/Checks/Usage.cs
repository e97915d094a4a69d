using System.Text.Json;

namespace Throughline.Verify.Checks;

/// <summary>Uploads usage files.</summary>
internal static class Usage
{
    public static async Task<JsonElement> UploadAsync(SystemUnderTest system, Member member, UsageSample usage, CancellationToken cancellationToken)
    {
        using var content = new MultipartFormDataContent { { new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(usage.ToCsv())), "file", usage.FileName } };
        var answer = await system.Web.SendAsync(HttpMethod.Post, new Uri(system.Backend, "/api/files"), member.AccessToken, content, cancellationToken, sent: "a usage file");
        return answer.Expect(201).Json;
    }
}
