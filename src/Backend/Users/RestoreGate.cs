using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users;

/// <summary>
/// Shut until it is known that the database knows of every deletion: at once where it is as new as it ever was, else when the feed has
/// been followed to its end and what it tells to erase is erased. While it is shut nothing is answered but health.
/// </summary>
internal sealed class RestoreGate
{
    private volatile bool _isOpen;

    public bool IsOpen => _isOpen;

    public void Open() => _isOpen = true;
}

internal static class RestoreGateSetup
{
    public static void UseRestoreGate(this WebApplication app)
    {
        var gate = app.Services.GetRequiredService<RestoreGate>();
        app.Use((context, next) =>
        {
            if (gate.IsOpen || context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)) return next(context);
            context.Response.Headers.RetryAfter = "1";
            return Problems.Of(
                    StatusCodes.Status503ServiceUnavailable, "unavailable", "The database was restored from a backup.",
                    "Deletions since then are being made again; try again in a moment.")
                .ExecuteAsync(context);
        });
    }
}
