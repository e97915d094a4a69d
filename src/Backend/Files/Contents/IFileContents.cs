using Throughline.ServiceDefaults;

namespace Throughline.Backend.Files.Contents;

/// <summary>Where imported rows are kept: a folder, or an object storage. Which rows there are, the database says; what lies here and
/// stands in no row of it is left over.</summary>
internal interface IFileContents
{
    /// <summary>Keeps a file. It is there for good when this returns; the file at <paramref name="path"/> may be gone then.</summary>
    /// <exception cref="ContentAwayException">The storage does not answer.</exception>
    Task PutAsync(StoredContent content, string path, CancellationToken cancellationToken);

    /// <summary>The rows as a file on this machine.</summary>
    /// <exception cref="ContentAwayException">The storage does not answer.</exception>
    /// <exception cref="ContentDamagedException">What came is not what was kept.</exception>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    Task<LocalRows> OpenAsync(StoredContent content, CancellationToken cancellationToken);

    /// <summary>Repeating it changes nothing.</summary>
    /// <exception cref="ContentAwayException">The storage does not answer.</exception>
    Task DeleteAsync(StoredContent content, CancellationToken cancellationToken);

    /// <summary>Deletes all that an owner has, also what no row knows of.</summary>
    /// <exception cref="ContentAwayException">The storage does not answer.</exception>
    Task EraseAsync(Guid owner, CancellationToken cancellationToken);

    /// <summary>Everything that is kept, in no order.</summary>
    /// <exception cref="ContentAwayException">The storage does not answer.</exception>
    IAsyncEnumerable<ListedContent> ListAsync(CancellationToken cancellationToken);
}

/// <summary>The storage does not answer, or refuses.</summary>
internal sealed class ContentAwayException(string message, Exception? inner) : IOException(message, inner), IUnavailable;

/// <summary>Bytes that are not those that were kept.</summary>
internal sealed class ContentDamagedException(string message) : Exception(message);
