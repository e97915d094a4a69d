using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Throughline.Backend.Files;

/// <summary>How much may be uploaded, and at once. Configuration section <c>Files</c>.</summary>
public sealed class UploadOptions
{
    /// <summary>Largest file, bytes, as it is sent.</summary>
    /// <value>1 KiB to 2 GiB. Default: 2 GiB.</value>
    [Range(1024, 2L << 30)]
    public long MaxBytes { get; set; } = 2L << 30;

    /// <summary>Imports that run at once on a node; each takes a core or two and some 300 MB.</summary>
    [Range(1, 64)]
    public int ImportsAtOnce { get; set; } = 2;

    /// <summary>Uploads in progress on a node, being received, waiting or imported. Further ones are answered 503.</summary>
    [Range(1, 1024)]
    public int UploadsAtOnce { get; set; } = 16;

    /// <summary>Of these, how many may be of one user, so that nobody takes all places.</summary>
    [Range(1, 1024)]
    public int UploadsAtOnceOfUser { get; set; } = 4;
}

[OptionsValidator]
internal sealed partial class UploadOptionsValidator : IValidateOptions<UploadOptions>;
