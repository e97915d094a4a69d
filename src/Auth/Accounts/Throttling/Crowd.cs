namespace Throughline.Auth.Accounts.Throttling;

/// <summary>
/// Keys of counts are attackers' to make up: an address space holds more of them than memory does. So many are kept; beyond that newcomers share
/// a few keys, and with them each other's counts.
/// </summary>
internal static class Crowd
{
    public const int MostKeys = 50_000;
    private const int SharedKeys = 64;

    public static string KeyIn<TCount>(IReadOnlyDictionary<string, TCount> counts, int count, string key) =>
        count < MostKeys || counts.ContainsKey(key) ? key : $"crowd {(uint)key.GetHashCode(StringComparison.Ordinal) % SharedKeys}";
}
