using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Auth.Sessions;

namespace Throughline.Auth.Tokens;

/// <summary>OpenID Connect's view of the caller.</summary>
internal sealed record UserInfo(
    [property: JsonPropertyName("sub")] Guid Subject,
    [property: JsonPropertyName("email")] string Email,
    [property: JsonPropertyName("email_verified")] bool EmailVerified,
    [property: JsonPropertyName("name")] string Name);

internal static class UserInfoEndpoint
{
    public static JsonHttpResult<UserInfo> Read(HttpContext context)
    {
        var user = context.LiveSession().User;
        return TypedResults.Json(new UserInfo(user.Id, user.Email!, user.EmailConfirmed, user.Name), AuthJson.Default.UserInfo);
    }
}

[JsonSerializable(typeof(UserInfo))]
internal sealed partial class AuthJson : JsonSerializerContext;
