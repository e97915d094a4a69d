using Microsoft.AspNetCore.Components;
using Throughline.Contracts.Accounts;
using Throughline.Web.Settings;
using Throughline.Web.Shell;

namespace Throughline.Web.Admin;

/// <summary>The audit log, the newest entry first.</summary>
public sealed partial class AuditTable
{
    private const int PageSize = 50;
    private const int PeopleAtOnce = 100;

    private static readonly (string Value, string Words)[] Events = [("", "Every event"), .. EventWords.All];

    private readonly CancellationTokenSource _gone = new();
    private readonly Dictionary<Guid, string> _people = []; // e-mail by id, of those that were met
    private List<AuditRecord>? _entries;
    private string _event = "";
    private string _who = "";
    private string? _next;
    private Failure? _failure;
    private bool _isBusy;
    private int _load;

    [Parameter] public Guid? User { get; set; }

    protected override async Task OnInitializedAsync()
    {
        await Task.WhenAll(LoadAsync(), MeetAsync(null));
        _who = User is { } user ? Name(user) : "";
    }

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private Task FilterAsync(string name)
    {
        _event = name;
        return LoadAsync();
    }

    /// <summary>Filters as soon as what is typed is somebody's whole e-mail, and no more when it is empty.</summary>
    private async Task WhoAsync()
    {
        var who = _who.Trim();
        if (who.Length > 2 && !_people.ContainsValue(who))
            await MeetAsync(who);
        var user = _people.FirstOrDefault(person => string.Equals(person.Value, who, StringComparison.OrdinalIgnoreCase)).Key;
        Guid? wanted = user == default ? null : user;
        if (who != _who.Trim() || wanted == User || (wanted is null && who.Length > 0))
            return;
        User = wanted;
        await LoadAsync();
    }

    private async Task MeetAsync(string? query)
    {
        var (page, _) = await Attempt.Of(Admin.ListUsersAsync(query, null, PeopleAtOnce, _gone.Token));
        foreach (var user in page?.Items ?? []) // an id is shown where a name is not known
            _people[user.UserId] = user.Email;
    }

    private async Task LoadAsync()
    {
        var load = ++_load;
        var (page, failure) = await Attempt.Of(ReadAsync(null));
        if (load != _load)
            return; // another filter was chosen meanwhile
        _failure = failure;
        if (page is not null)
            (_entries, _next) = ([.. page.Items], page.Next);
    }

    private async Task LoadMoreAsync()
    {
        _isBusy = true;
        (var page, _failure) = await Attempt.Of(ReadAsync(_next));
        if (page is not null)
        {
            _entries!.AddRange(page.Items);
            _next = page.Next;
        }

        _isBusy = false;
    }

    private Task<Contracts.Threads.Page<AuditRecord>> ReadAsync(string? cursor) =>
        Admin.ListAuditAsync(User, _event.Length == 0 ? null : _event, cursor, PageSize, _gone.Token);

    private string Whose(AuditRecord entry) => entry.UserId is { } user ? Name(user) : "Nobody’s";

    private string Name(Guid user) => _people.GetValueOrDefault(user) ?? $"{user:N}"[^8..];

    private static string Outcome(AuditRecord entry) => entry.Outcome switch { "success" => "Done", "failure" => "Failed", "denied" => "Denied", var other => other };

    private static string OutcomeClass(AuditRecord entry) => entry.Outcome switch { "success" => "ok", "failure" => "bad", "denied" => "warn", _ => "unk" };

    private static string OutcomeGlyph(AuditRecord entry) => entry.Outcome switch { "success" => Glyphs.Check, "failure" => Glyphs.Cross, _ => Glyphs.Bar };
}
