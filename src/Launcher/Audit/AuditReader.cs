using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Threads;
using Throughline.Launcher.Operator;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Audit;

/// <summary>Reads the audit log of the running stack, page by page, as its operator.</summary>
internal sealed class AuditReader(StateDirectory state) : IDisposable
{
    private HttpClient? _http;

    /// <summary>The entries after <paramref name="after"/> that are there now, in order.</summary>
    /// <param name="after">Null: from the very first one, whatever its number.</param>
    public async IAsyncEnumerable<AuditRecord> ReadAsync(long? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await PageAsync(after, cancellationToken);
            foreach (var entry in page.Items)
                yield return entry;
            if (page.Next is null)
                yield break;
            after = long.Parse(page.Next, CultureInfo.InvariantCulture);
        }
    }

    public void Dispose() => _http?.Dispose();

    private async Task<Page<AuditRecord>> PageAsync(long? after, CancellationToken cancellationToken)
    {
        try
        {
            var isNew = _http is null;
            _http ??= await OperatorClient.ConnectAsync(state, "auth", cancellationToken);
            using var response = await _http.GetAsync($"/internal/audit{(after is null ? "" : $"?after={after}")}", cancellationToken);
            if (response.StatusCode == HttpStatusCode.Unauthorized && !isNew)
            {
                // The operator's token lasts minutes; who follows the log stays longer.
                _http.Dispose();
                _http = null;
                return await PageAsync(after, cancellationToken);
            }

            response.EnsureSuccessStatusCode();
            return (await response.Content.ReadFromJsonAsync(WireJson.Default.PageAuditRecord, cancellationToken))!;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            throw new LauncherException(ExitCode.Other, $"Auth did not give its audit log: {e.Message}", "See what it says with: throughline logs auth");
        }
    }
}
