namespace Throughline.Backend.Files.Contents;

/// <summary>Imported rows, by the name that they are kept under. The name begins with what the rows are and ends with which import made
/// them: so no deletion can meet a later import of the same bytes. Content is never shared between owners: neither time nor space tells one what
/// another has.</summary>
/// <param name="Sha256">Of the Parquet file, lower-case hex; null for one that was kept before its hash was.</param>
internal sealed record StoredContent(Guid Owner, string Name, string? Sha256)
{
    /// <summary>Where it lies, from the storage's root: <c>&lt;owner&gt;/&lt;name&gt;.parquet</c>.</summary>
    public string Key => $"{Owner:D}/{Name}{Extension}";

    private const string Extension = ".parquet";

    public static StoredContent New(Guid owner, string sha256) => new(owner, $"{sha256}-{Guid.CreateVersion7():N}", sha256);

    /// <returns>Null for a key that is none of ours.</returns>
    public static StoredContent? Read(string key) =>
        key.Split('/') is [var owner, var file] && Guid.TryParseExact(owner, "D", out var id) && file.EndsWith(Extension, StringComparison.Ordinal)
            ? new(id, file[..^Extension.Length], null)
            : null;
}

/// <param name="KeptAt">When it came to lie there.</param>
internal sealed record ListedContent(StoredContent Content, DateTimeOffset KeptAt);

/// <summary>Rows as a local file that stays where it is until this is disposed.</summary>
internal sealed class LocalRows(string path, Action? release = null) : IDisposable
{
    private Action? _release = release;

    public string Path => path;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
