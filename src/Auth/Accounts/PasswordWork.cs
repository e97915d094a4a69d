using Microsoft.AspNetCore.Identity;

namespace Throughline.Auth.Accounts;

/// <summary>
/// Hashing takes 64 MiB and a core for a tenth of a second, or what the settings say: at most two at once, twenty wait, and whoever comes then is asked to come
/// again. So a flood of sign-ins costs neither the memory nor the cores of all else.
/// </summary>
internal sealed class PasswordWork(Argon2Hasher hasher) : IDisposable
{
    private const int AtOnce = 2;
    private const int Waiting = 20;

    private readonly SemaphoreSlim _turn = new(AtOnce, AtOnce);
    private int _inside;

    /// <returns>The hash, or null where too many are waiting.</returns>
    public Task<string?> HashAsync(User user, string password, CancellationToken cancellationToken) =>
        RunAsync<string?>(() => hasher.HashPassword(user, password), null, cancellationToken);

    /// <param name="user">Null for an unknown e-mail: the same work is done, and fails.</param>
    /// <returns>The outcome, or null where too many are waiting.</returns>
    public Task<PasswordVerificationResult?> VerifyAsync(User? user, string password, CancellationToken cancellationToken) =>
        password.Length > SignUpRules.MaxPasswordLength
            ? Task.FromResult<PasswordVerificationResult?>(PasswordVerificationResult.Failed) // nobody's: none that long is ever set
            : RunAsync<PasswordVerificationResult?>(
                () => hasher.VerifyHashedPassword(user!, user?.PasswordHash ?? hasher.Decoy, password), null, cancellationToken);

    public void Dispose() => _turn.Dispose();

    private async Task<T> RunAsync<T>(Func<T> work, T tooMany, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _inside) > AtOnce + Waiting)
        {
            Interlocked.Decrement(ref _inside);
            return tooMany;
        }
        try
        {
            await _turn.WaitAsync(cancellationToken);
            try
            {
                // On a thread of its own: the pool's few serve all other requests meanwhile.
                return await Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }
}
