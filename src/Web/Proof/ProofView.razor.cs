using Throughline.Contracts.Proof;
using Throughline.Web.Shell;

namespace Throughline.Web.Proof;

/// <summary>The last report, and a run that is followed while it goes on, whoever began it here.</summary>
public sealed partial class ProofView
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _gone = new();
    private ProofOverview? _overview;
    private ProofProgress _progress = new(0, false, null, []);
    private Failure? _failure;
    private Failure? _refusal;
    private string _said = "";
    private bool _isFollowing;

    protected override async Task OnInitializedAsync()
    {
        await LoadAsync();
        if (_progress.IsRunning) _ = FollowAsync();
    }

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task LoadAsync()
    {
        (var overview, _failure) = await Attempt.Of(Admin.ReadProofAsync(_gone.Token));
        if (overview is null) return;
        (_overview, _progress) = (overview, overview.Progress);
    }

    private async Task RunAsync()
    {
        (var begun, _refusal) = await Attempt.Of(Admin.RunProofAsync(_gone.Token));
        if (_refusal?.Code == "already_running")
        {
            _refusal = null;
            await LoadAsync();
        }

        if (begun is not null) _progress = begun;
        _ = FollowAsync();
    }

    /// <summary>To the end of the run, through losses of the line: verify may find this very server wanting.</summary>
    private async Task FollowAsync()
    {
        if (_isFollowing || !_progress.IsRunning) return;
        _isFollowing = true;
        _said = "Verify is running.";
        StateHasChanged();
        while (_progress.IsRunning && !_gone.IsCancellationRequested)
        {
            var (further, lost) = await Attempt.Of(Admin.WaitForProofAsync(_progress.Seq, _gone.Token));
            if (further is not null) _progress = further;
            else if (lost == Failure.Abandoned) return;
            else if (await Attempt.Of(Task.Delay(TryAgain, Time, _gone.Token)) is not null) return;
            StateHasChanged();
        }

        _isFollowing = false;
        await LoadAsync();
        _said = _overview?.Last is { } last ? $"Verify is done. Can a user chat? {ProofWords.Answer(last.Result)}." : "Verify is done.";
        StateHasChanged();
    }
}
