using Microsoft.AspNetCore.Components;
using Throughline.Contracts.Accounts;
using Throughline.Web.Shell;

namespace Throughline.Web.Settings;

/// <summary>Follows the erasure of an account until every holder has reported.</summary>
public sealed partial class ErasurePage
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _gone = new();
    private ErasureReceipt? _receipt;
    private Failure? _failure;

    [Parameter] public Guid? ReceiptId { get; set; }

    private string Progress => _receipt switch
    {
        { CompletedAt: { } at } => $"Everything of yours is gone since {Words.When(at, Time.GetLocalNow())}.",
        _ when ReceiptId is null => "Everything of yours is gone, or will be within seconds.",
        _ => "You can leave: it goes on without you, also over a restart.",
    };

    protected override async Task OnInitializedAsync()
    {
        // The account that was erased a moment ago is still shown as signed in here; its cookie goes too.
        if (User.IsErased && User.Account is not null)
            await Attempt.Of(User.SignOutAsync(CancellationToken.None));
        await FollowAsync();
    }

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task FollowAsync()
    {
        if (ReceiptId is not { } id)
            return;
        do
        {
            (var receipt, _failure) = await Attempt.Of(Accounts.GetErasureAsync(id, _gone.Token));
            _receipt = receipt ?? _receipt;
            StateHasChanged();
        }
        while (_failure is null && _receipt?.CompletedAt is null && await NextAsync());
    }

    private async Task<bool> NextAsync()
    {
        try
        {
            await Task.Delay(AskEvery, Time, _gone.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false; // the page was left
        }
    }
}
