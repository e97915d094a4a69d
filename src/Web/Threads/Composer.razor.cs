using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Throughline.Client.Connection;
using Throughline.Contracts.Threads;
using Throughline.Web.Shell;

namespace Throughline.Web.Threads;

/// <summary>Where questions are written. What was typed is never lost: it is kept as a draft, and given back when a question is refused.</summary>
public sealed partial class Composer
{
    private const int LongestMessage = 32_000;

    private DotNetObjectReference<Composer>? _self;
    private ElementReference _field;
    private string _text = "";
    private string? _reason;
    private string? _left;
    private string? _draftOf;
    private DateTimeOffset? _waitUntil;

    [Parameter] public string? ThreadId { get; set; }

    [Parameter] public bool IsRunning { get; set; }

    [Parameter, EditorRequired] public Func<string, Task<Failure?>> OnSend { get; set; } = default!;

    [Parameter] public EventCallback OnStop { get; set; }

    /// <summary>Whether there is something below that is out of sight.</summary>
    [Parameter] public bool ShowsEnd { get; set; }

    [Parameter] public EventCallback OnToEnd { get; set; }

    private bool IsTooLong => _text.Length > LongestMessage;

    /// <summary>Sends what is written; called from the browser at Enter, with the field's text as it stands.</summary>
    [JSInvokable]
    public async Task EnterAsync(string text)
    {
        _text = text;
        await SendAsync();
        StateHasChanged();
    }

    /// <summary>Asks the service how many messages are left.</summary>
    public async Task RefreshLimitsAsync()
    {
        var (limits, _) = await Attempt.Of(Client.GetLimitsAsync(CancellationToken.None));
        if (limits is not null)
            Show(limits.Items);
    }

    protected override void OnInitialized()
    {
        _self = DotNetObjectReference.Create(this);
        Files.Changed += Redraw;
        Line.Changed += LineChanged;
        LineChanged();
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
            Browser.AttachComposer(_field, _self!);
        if (!firstRender && _draftOf == ThreadId)
            return;
        _draftOf = ThreadId;
        _text = Drafts.Find(ThreadId);
        Browser.SetText(_field, _text);
        if (_text.Length > 0)
            StateHasChanged();
    }

    public void Dispose()
    {
        Files.Changed -= Redraw;
        Line.Changed -= LineChanged;
        _self?.Dispose();
    }

    private void Typed(ChangeEventArgs change)
    {
        _text = change.Value as string ?? "";
        _reason = _waitUntil is null ? null : _reason;
        Drafts.Keep(ThreadId, _text);
    }

    private async Task SendAsync()
    {
        var text = _text.Trim();
        if (text.Length == 0 || IsTooLong || IsRunning || _waitUntil is not null)
            return;
        var draftOf = ThreadId;
        Clear();
        var failure = await OnSend(text);
        if (failure is null || failure.Code == Failure.Abandoned.Code)
        {
            Drafts.Keep(draftOf, "");
            await RefreshLimitsAsync();
            return;
        }

        _text = text;
        Browser.SetText(_field, text);
        Drafts.Keep(draftOf, text);
        _reason = failure.Code == "rate_limited" ? $"{failure.Sentence} Your text is kept." : failure.Sentence;
        if (failure.RetryAfter is { } wait)
            _ = CountDownAsync(wait);
    }

    private void Clear()
    {
        _text = "";
        _reason = null;
        Browser.SetText(_field, "");
    }

    private async Task CountDownAsync(TimeSpan wait)
    {
        _waitUntil = Time.GetUtcNow() + wait;
        while (_waitUntil > Time.GetUtcNow())
        {
            StateHasChanged();
            await Task.Delay(TimeSpan.FromSeconds(Math.Min(1, Math.Max(0.05, (_waitUntil.Value - Time.GetUtcNow()).TotalSeconds))), Time);
        }

        (_waitUntil, _reason) = (null, "You can send again.");
        StateHasChanged();
    }

    private void Redraw() => _ = InvokeAsync(StateHasChanged);

    private void LineChanged()
    {
        if (Line.State is { Phase: ConnectionPhase.Live, Hello.Limits: { } limits } && _left is null)
            Show(limits);
    }

    private void Show(IReadOnlyList<LimitState> limits)
    {
        var messages = limits.Where(limit => limit.Policy.Contains("message", StringComparison.OrdinalIgnoreCase)).MinBy(limit => limit.Remaining);
        _left = messages is null ? null : $"{Words.Count(messages.Remaining)} of {Words.Count(messages.Quota, "message")} left {Window(messages.WindowSeconds)}";
        Redraw();
    }

    private static string Window(int seconds) => seconds switch
    {
        60 => "this minute",
        3600 => "this hour",
        86400 => "today",
        _ => $"in {Words.Count(seconds, "second")}",
    };
}
