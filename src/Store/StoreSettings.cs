namespace Throughline.Store;

/// <summary>How Garnet is run. Each setting that is not its default is here for a reason.</summary>
internal static class StoreSettings
{
    public static string[] For(int port, string folder, string password) =>
    [
        "--port", $"{port}", "--bind", "127.0.0.1",
        "--auth", "Password", "--password", password,
        // Limits are Lua scripts; without transaction mode scripts are not atomic (4,000 racing increments gave 3,987).
        "--lua", "--lua-transaction-mode",
        // Every acknowledged write survives kill -9: log it, and wait for the disk.
        "--aof", "--aof-commit-freq", "0", "--aof-commit-wait", "--recover", "--fail-on-recovery-error",
        "--checkpointdir", folder,
        // The native device fails where libaio is missing.
        "--device-type", "RandomAccess",
        // Sessions, tickets and counters are small; the defaults (16 GB, 128 MB) are for a data store.
        "--memory", "256m", "--page", "1m", "--segment", "64m", "--index", "16m",
        "--aof-memory", "8m", "--aof-page-size", "2m", "--aof-segment-size", "64m",
        // A checkpoint cuts the log, so that it neither fills the disk nor slows the next start.
        "--aof-size-limit", "64m",
        "-q",
    ];
}
