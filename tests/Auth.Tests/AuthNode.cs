using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Throughline.Auth.Accounts;
using Throughline.Auth.Admin;
using Throughline.Auth.Audit;
using Throughline.Auth.Changes;
using Throughline.Auth.Database;
using Throughline.Auth.Mail;
using Throughline.Auth.Retention;
using Throughline.Auth.Sessions;
using Throughline.Auth.SigningKeys;
using Throughline.Auth.Tokens;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Tests;

/// <summary>
/// Auth's own parts in this process, on the state and the database of a running auth, as a second node would be: for what no route
/// offers, and for what happens in a month.
/// </summary>
internal sealed class AuthNode : IAsyncDisposable
{
    private readonly WebApplication _app;

    public AuthNode(AuthProcess process, TimeProvider? time = null)
        : this(process.Settings, time)
    {
    }

    /// <param name="settings">As environment variables: <c>State__Directory</c>, <c>Auth__Issuer</c> …</param>
    public AuthNode(IReadOnlyDictionary<string, string> settings, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateBuilder();
        foreach (var (key, value) in settings)
            if (key != "Launcher__Lifeline") builder.Configuration[key.Replace("__", ":", StringComparison.Ordinal)] = value;
        builder.AddServiceDefaults("auth");
        builder.Services.AddDatabase(builder.Configuration).AddSigningKeys().AddAudit().AddAccounts().AddMail().AddAdmin().AddSessions().AddTokens().AddChanges().AddRetention();
        if (time is not null) builder.Services.Replace(ServiceDescriptor.Singleton(time));
        _app = builder.Build(); // never started: no port, no hosted service
    }

    /// <summary>Does something as one request would.</summary>
    public async Task<T> WithAsync<TService, T>(Func<TService, Task<T>> act)
        where TService : notnull
    {
        await using var scope = _app.Services.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<TService>());
    }

    public async Task WithAsync<TService>(Func<TService, Task> act)
        where TService : notnull
    {
        await using var scope = _app.Services.CreateAsyncScope();
        await act(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>Reads the database.</summary>
    public Task<T> ReadAsync<T>(Func<AuthDb, Task<T>> read) => WithAsync<AuthDb, T>(read);

    public byte[] Derive(string purpose) => _app.Services.GetRequiredService<MasterKey>().Derive(purpose);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
