using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Throughline.Verify;

/// <summary>Makes users of the target through its API, and erases them in the end.</summary>
internal sealed class Members(SystemUnderTest system) : IAsyncDisposable
{
    public const string Domain = "verify.invalid";
    private static readonly TimeSpan EraseWithin = TimeSpan.FromSeconds(10);
    private readonly Lock _gate = new();
    private readonly List<Member> _made = [];
    private readonly List<string> _left = [];

    /// <summary>E-mails of those who could not be erased.</summary>
    public IReadOnlyList<string> Left => _left;

    /// <summary>Somebody who is signed in, as far as is known; null where nobody is.</summary>
    public Member? Signed
    {
        get
        {
            lock (_gate) return _made.LastOrDefault(m => m is { IsGone: false, AccessToken.Length: > 0 });
        }
    }

    public static string NewEmail(string name) => $"{name}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}@{Domain}";

    public static string NewPassword() => $"Verify-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(9))}";

    public Task<Answer> PostSignUpAsync(string email, string password, CancellationToken cancellationToken) => system.Web.SendAsync(
        HttpMethod.Post, new Uri(system.Auth, "/auth/signup"), null,
        Json.Body(new JsonObject { ["email"] = email, ["password"] = password, ["name"] = email.Split('@')[0] }), cancellationToken, sent: "e-mail and password");

    /// <summary>Signs a new user up, without signing it in.</summary>
    public async Task<Member> SignUpOnlyAsync(string name, CancellationToken cancellationToken)
    {
        var member = new Member(system, NewEmail(name), NewPassword());
        var answer = await PostSignUpAsync(member.Email, member.Password, cancellationToken);
        member.UserId = answer.Expect(201).Json.Id("userId");
        lock (_gate) _made.Add(member);
        return member;
    }

    /// <summary>Signs a new user up and in.</summary>
    public async Task<Member> SignUpAsync(string name, CancellationToken cancellationToken)
    {
        var member = await SignUpOnlyAsync(name, cancellationToken);
        await member.SignInAsync(cancellationToken);
        return member;
    }

    public async Task<Member> SignInAsync(string email, string password, Guid userId, CancellationToken cancellationToken)
    {
        var member = new Member(system, email, password) { UserId = userId };
        await member.SignInAsync(cancellationToken);
        return member;
    }

    /// <summary>Notes a user that was made in another way, e.g. in a browser.</summary>
    public void Note(string email, string password)
    {
        lock (_gate) _made.Add(new Member(system, email, password));
    }

    /// <summary>Erases all of them. A stack that ends with this run takes them along by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        if (system.IsOwn) return;
        using var limit = new CancellationTokenSource(EraseWithin);
        List<Member> made;
        lock (_gate) made = [.. _made.Where(m => !m.IsGone)];
        await Parallel.ForEachAsync(made, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = CancellationToken.None }, async (member, _) =>
        {
            if (!await TryEraseAsync(member, limit.Token))
                lock (_gate) _left.Add(member.Email);
        });
    }

    private static async Task<bool> TryEraseAsync(Member member, CancellationToken cancellationToken)
    {
        try
        {
            if (member.AccessToken.Length > 0 && (await member.SendAsync(HttpMethod.Delete, "/auth/me", null, cancellationToken)).Status is 204 or 202 or 200) return true;
            await member.SignInAsync(cancellationToken); // its session has ended, as was to be shown
            return (await member.SendAsync(HttpMethod.Delete, "/auth/me", null, cancellationToken)).Status is 204 or 202 or 200;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or Refutation)
        {
            return false;
        }
    }
}
