using Throughline.Contracts.Accounts;
using Throughline.Web.Shell;

namespace Throughline.Web.Settings;

/// <summary>What a receipt counts, in words.</summary>
internal static class ErasedWords
{
    /// <summary><c>1 thread, 92 events, 2.6 MiB of files</c>; what there was none of is left out.</summary>
    public static string Of(IEnumerable<ErasedItem> items) =>
        string.Join(", ", items.Where(item => item.Count > 0).Select(One)) is { Length: > 0 } words ? words : "Nothing was there";

    public static string Holder(string holder) => holder switch
    {
        "auth" => "Accounts",
        "backend" => "Threads and files",
        "store" => "Key-value store",
        _ => holder,
    };

    private static string One(ErasedItem item) => item.What switch
    {
        "file_bytes" => $"{Words.Bytes(item.Count)} of files",
        "api_keys" => Words.Count(item.Count, "API key"),
        // refresh_tokens → refresh token, run_requests → run request, profile → profile
        var what => Words.Count(item.Count, what.Replace('_', ' ').TrimEnd('s')),
    };
}
