namespace Throughline.Backend.Tests.Isolation;

/// <summary>Who calls, by what the request carries.</summary>
public enum Caller
{
    /// <summary>Whose things the ids in the table are.</summary>
    Owner,

    /// <summary>Another user, signed in as well.</summary>
    Other,

    /// <summary>The administrator, who owns nothing of it and is nobody's deputy outside <c>/auth/admin</c>.</summary>
    Admin,

    /// <summary>The owner's API key for the account, and for nothing else.</summary>
    AccountKey,

    /// <summary>A user that is gone, with a token that would be good for minutes.</summary>
    Deleted,

    Anonymous,

    /// <summary>The owner's token, which was good and has run out.</summary>
    Expired,

    /// <summary>The owner's identity token: signed by auth with the same key, for another audience.</summary>
    WrongAudience,

    /// <summary>The backend's own token.</summary>
    Service,

    /// <summary>The operator's, which is a service's with a name of its own.</summary>
    Operator,
}
