using System.Text.RegularExpressions;

namespace Throughline.Backend.Tests.Isolation;

/// <summary>Who may reach an endpoint.</summary>
internal enum Reach
{
    /// <summary>Everyone, and everyone gets the same.</summary>
    Open,

    /// <summary>Every user, and each gets its own.</summary>
    Self,

    /// <summary>The user whose thing the path names. For everyone else it is not there.</summary>
    Own,

    /// <summary>Administrators.</summary>
    Admin,

    /// <summary>Our own services.</summary>
    Service,

    /// <summary>The operator.</summary>
    Operator,
}

/// <summary>One endpoint of the matrix, and by <see cref="ExpectationOf"/> what every caller gets from it.</summary>
/// <param name="Pattern">As the service itself lists it.</param>
/// <param name="Status">What those get who may reach it.</param>
internal sealed partial record Row(string Service, string Method, string Pattern, Reach Reach, int Status)
{
    /// <summary>What <c>{id}</c> names: <c>thread</c>, <c>run</c>, <c>file</c>, <c>fact</c>, <c>session</c>, <c>key</c>, <c>passkey</c>; the owner as <c>user</c>, one that nobody minds losing as <c>bystander</c>.</summary>
    public string? Thing { get; init; }

    public object? Body { get; init; }

    /// <summary>Whether a success uses the thing up, so that each success needs a fresh one.</summary>
    public bool IsConsuming { get; init; }

    /// <summary>Whether an API key for the account may do it as well.</summary>
    public bool IsForAccountKeys { get; init; }

    /// <summary>What the administrator gets as a user among users, where its account differs from a new one.</summary>
    public int? StatusOfAdmin { get; init; }

    /// <summary>An address that the pattern stands for, where it names more than an id.</summary>
    public string? Sample { get; init; }

    /// <summary>The method of the sample, where the pattern takes all.</summary>
    public string Verb => Method == "*" ? "GET" : Method;

    /// <summary>Whether it is answered before routing, and so stands in no list of routes.</summary>
    public bool IsBeforeRouting { get; init; }

    public string Name => $"{Service} {Method} {Pattern}";

    public string PathFor(string id) => Sample ?? IdPart().Replace(Pattern, Uri.EscapeDataString(id));

    /// <summary>The status, and the code of the problem where it is one of ours.</summary>
    public (int Status, string? Code) ExpectationOf(Caller caller) => (Reach, caller) switch
    {
        (Reach.Open, _) => (Status, null),
        (Reach.Self, Caller.Admin) => (StatusOfAdmin ?? Status, null),
        (Reach.Own, Caller.Admin) => (404, "not_found"),
        (Reach.Admin, Caller.Admin) => (Status, null),
        (Reach.Admin, Caller.Owner or Caller.Other) => (403, "forbidden"),
        (Reach.Admin, Caller.AccountKey) => (403, "insufficient_scope"),
        (_, Caller.Anonymous) => (401, "no_token"),
        (_, Caller.Deleted or Caller.Expired or Caller.WrongAudience) => (401, "invalid_token"),
        (Reach.Self or Reach.Own, Caller.Owner) => (Status, null),
        (Reach.Self, Caller.Other) => (Status, null),
        (Reach.Own, Caller.Other) => (404, "not_found"),
        (Reach.Self or Reach.Own, Caller.AccountKey) => IsForAccountKeys ? (Status, null) : (403, "insufficient_scope"),
        (Reach.Service, Caller.Service or Caller.Operator) => (Status, null),
        (Reach.Operator, Caller.Operator) => (Status, null),
        (Reach.Operator, Caller.Service) => (403, "forbidden"),
        _ => (401, "invalid_token"), // a user where a service is due, or the reverse
    };

    [GeneratedRegex(@"\{id(:\w+)?\}")]
    private static partial Regex IdPart();
}
