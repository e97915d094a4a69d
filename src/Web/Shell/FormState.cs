using Throughline.Web.SignIn;

namespace Throughline.Web.Shell;

/// <summary>A form between two tries: what is wrong at which field, what failed as a whole, and how long to wait.</summary>
/// <param name="fields">Names of its members on the wire, in order; each field's element has its name as id.</param>
public sealed class FormState(Browser browser, TimeProvider time, params string[] fields)
{
    private readonly Dictionary<string, string> _errors = [];

    public bool IsBusy { get; private set; }

    /// <summary>Said above the fields.</summary>
    public string? Note { get; private set; }

    /// <summary>Until when the server takes no further try.</summary>
    public DateTimeOffset? WaitUntil { get; private set; }

    public bool IsRight => _errors.Count == 0;

    public string? ErrorOf(string field) => _errors.GetValueOrDefault(field);

    public void Clear()
    {
        Note = null;
        _errors.Clear();
    }

    public void Wrong(string field, string message) => _errors[field] = message;

    /// <summary>Checks, sends, and shows what did not work.</summary>
    /// <param name="check">Names with <see cref="Wrong"/> what cannot be sent.</param>
    /// <param name="explain">True where the form has said, with <see cref="Wrong"/> or by what it shows next, what a refusal means here;
    /// else it is said in its own words.</param>
    /// <returns>Whether it was done.</returns>
    public async Task<bool> SendAsync(Action check, Func<Task> send, Func<Failure, bool>? explain = null)
    {
        if (IsBusy || WaitUntil > time.GetUtcNow())
            return false;
        Clear();
        check();
        if (!IsRight)
        {
            FocusOnFirstError();
            return false;
        }

        IsBusy = true;
        var failure = await Attempt.Of(send());
        IsBusy = false;
        if (failure is not null)
            Show(failure, explain);
        return failure is null;
    }

    private void Show(Failure failure, Func<Failure, bool>? explain)
    {
        if (failure is { Code: "rate_limited", RetryAfter: { } wait })
        {
            WaitUntil = time.GetUtcNow() + wait;
            Note = fields.Length == 0 ? "Too many attempts." : "Too many attempts. What you typed is kept.";
            return;
        }

        if (explain?.Invoke(failure) != true)
            Explain(failure);
        FocusOnFirstError();
    }

    private void Explain(Failure failure)
    {
        foreach (var (field, messages) in failure.Errors ?? new Dictionary<string, string[]>())
            if (fields.Contains(field))
                Wrong(field, string.Join(" ", messages));
        if (IsRight && failure.Code == "weak_password")
            Wrong("password", NewPassword.Leaked);
        if (IsRight)
            Note = failure.Sentence;
    }

    private void FocusOnFirstError()
    {
        if (fields.FirstOrDefault(_errors.ContainsKey) is { } first)
            browser.FocusOn("#" + first);
    }
}
