using System.Net;
using Microsoft.Extensions.Options;

namespace Throughline.Backend.Files.Contents.S3;

/// <summary>An S3-compatible object storage for imported rows. Configuration section <c>Files:S3</c>; without an endpoint, rows lie in the state folder.</summary>
internal sealed class S3Options
{
    /// <summary>E.g. <c>https://s3.eu-central-1.amazonaws.com</c> or <c>http://127.0.0.1:9000</c>.</summary>
    public string? Endpoint { get; set; }

    /// <summary>A bucket that is there; nothing else should lie in it, or <see cref="Prefix"/> keeps them apart.</summary>
    public string? Bucket { get; set; }

    public string Region { get; set; } = "us-east-1";

    /// <summary>What all keys begin with, e.g. <c>throughline/</c>.</summary>
    public string Prefix { get; set; } = "";

    public string? AccessKey { get; set; }

    /// <summary>From the environment, from <c>settings/backend.json</c>, or as <c>secrets/s3-secret-key</c> in the state folder; never printed.</summary>
    public string? SecretKey { get; set; }

    /// <summary>Whether plain HTTP may go over a network: what is sent is then for all to read who are on the way.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>Disk for copies of what is analysed, bytes. More only where more is in use at once.</summary>
    /// <value>64 MiB to 1 TiB. Default: 10 GiB.</value>
    public long CacheBytes { get; set; } = 10L << 30;

    /// <summary>From this size on a file is sent in parts of it, bytes.</summary>
    /// <value>5 MiB to 1 GiB. Default: 64 MiB.</value>
    public long PartBytes { get; set; } = 64L << 20;

    internal bool IsUsed => !string.IsNullOrEmpty(Endpoint);
}

internal sealed class S3OptionsValidator : IValidateOptions<S3Options>
{
    public ValidateOptionsResult Validate(string? name, S3Options options) => FaultOf(options) is { } fault ? ValidateOptionsResult.Fail(fault) : ValidateOptionsResult.Success;

    private static string? FaultOf(S3Options options)
    {
        if (!options.IsUsed)
            return options.Bucket is null && options.AccessKey is null ? null : "Files:S3:Endpoint is missing, but there are other settings of Files:S3: set it, or remove them.";
        if (!Uri.TryCreate(options.Endpoint, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.AbsolutePath != "/")
            return $"Files:S3:Endpoint is '{options.Endpoint}': write scheme, host and port, such as https://s3.eu-central-1.amazonaws.com.";
        if (url.Scheme == "http" && !options.AllowHttp && !IsLoopback(url))
            return $"Files:S3:Endpoint is '{options.Endpoint}': use https, or set Files:S3:AllowHttp=true where nobody else is on the way.";
        return options switch
        {
            { Bucket: null or "" } => "Files:S3:Bucket is missing: name a bucket that is there.",
            { AccessKey: null or "" } => "Files:S3:AccessKey is missing.",
            { SecretKey: null or "" } => "Files:S3:SecretKey is missing: set it in the environment (Files__S3__SecretKey) or write it to secrets/s3-secret-key in the state folder.",
            { CacheBytes: < 64L << 20 or > 1L << 40 } => $"Files:S3:CacheBytes is {options.CacheBytes}: set it to a value from {64L << 20} to {1L << 40}.",
            { PartBytes: < 5L << 20 or > 1L << 30 } => $"Files:S3:PartBytes is {options.PartBytes}: set it to a value from {5L << 20} to {1L << 30}.",
            _ => options.Prefix.StartsWith('/') || (options.Prefix.Length > 0 && !options.Prefix.EndsWith('/')) ? $"Files:S3:Prefix is '{options.Prefix}': it must end with / and not begin with it." : null,
        };
    }

    private static bool IsLoopback(Uri url) => url.Host == "localhost" || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
