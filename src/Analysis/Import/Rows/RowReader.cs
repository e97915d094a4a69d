using System.Security.Cryptography;
using System.Text;

namespace Throughline.Analysis.Import.Rows;

/// <summary>Turns a source row into the normal form, or says in words why it cannot.</summary>
internal sealed class RowReader(CacheCounting counting)
{
    private const int LongestText = 1024;
    private readonly StringPool _pool = new();

    public bool TryRead(RawRecord raw, UsageRow row, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? reason)
    {
        row.SourceLine = raw.Line;
        reason = ReadTime(raw, row) ?? ReadTexts(raw, row) ?? ReadTokens(raw, row);
        if (reason is not null)
        {
            return false;
        }

        ReadMeasures(raw, row);
        return true;
    }

    private static string? ReadTime(RawRecord raw, UsageRow row)
    {
        row.At = null;
        if (!raw.Has(UsageField.At))
        {
            return null;
        }

        if (!UsageTime.TryParse(raw[UsageField.At], out var at))
        {
            return $"{raw.NameOf(UsageField.At)} is not a time in ISO 8601 or Unix time: {Shown(raw[UsageField.At])}";
        }

        row.At = at;
        return null;
    }

    private string? ReadTexts(RawRecord raw, UsageRow row)
    {
        string? reason = null;
        row.Model = Text(raw, UsageField.Model, ref reason);
        row.Provider = Text(raw, UsageField.Provider, ref reason);
        row.User = Text(raw, UsageField.User, ref reason);
        row.Feature = Text(raw, UsageField.Feature, ref reason);
        row.Team = Text(raw, UsageField.Team, ref reason);
        row.ApiKey = KeyId(Text(raw, UsageField.ApiKey, ref reason));
        row.RequestId = Text(raw, UsageField.RequestId, ref reason);
        row.ServiceTier = Text(raw, UsageField.Tier, ref reason);
        row.PrefixHash = Text(raw, UsageField.PrefixHash, ref reason);
        row.PromptHash = Text(raw, UsageField.PromptHash, ref reason) ?? Fingerprint(raw[UsageField.Prompt]);
        row.Status = StatusOf(Text(raw, UsageField.Status, ref reason), raw);
        row.IsBatch = IsTrue(raw[UsageField.Batch]) || row.ServiceTier is "batch";
        return reason;
    }

    private string? ReadTokens(RawRecord raw, UsageRow row)
    {
        row.Requests = 1;
        row.PrefixTokens = null;
        (row.InputUncached, row.CacheRead, row.CacheWrite5m, row.CacheWrite1h, row.Output, row.Reasoning) = (0, 0, 0, 0, 0, 0);

        string? reason = null;
        var hasTokens = false;
        long Count(UsageField field, ref string? why, ref bool has)
        {
            if (!raw.Has(field))
            {
                return 0;
            }

            has = true;
            if (UsageNumber.TryCount(raw[field], out var value))
            {
                return value;
            }

            why ??= $"{raw.NameOf(field)} is not a whole number: {Shown(raw[field])}";
            return 0;
        }

        var input = Count(UsageField.Input, ref reason, ref hasTokens);
        var uncached = Count(UsageField.InputUncached, ref reason, ref hasTokens);
        row.CacheRead = Count(UsageField.CacheRead, ref reason, ref hasTokens);
        var write = Count(UsageField.CacheWrite, ref reason, ref hasTokens);
        row.CacheWrite5m = Count(UsageField.CacheWrite5m, ref reason, ref hasTokens);
        row.CacheWrite1h = Count(UsageField.CacheWrite1h, ref reason, ref hasTokens);
        row.Output = Count(UsageField.Output, ref reason, ref hasTokens);
        row.Reasoning = Count(UsageField.Reasoning, ref reason, ref hasTokens);

        // Sources that state writes both in total and by lifetime: what no lifetime claims lives 5 minutes.
        row.CacheWrite5m += Math.Max(0, write - row.CacheWrite5m - row.CacheWrite1h);

        var isOther = false;
        if (raw.Has(UsageField.Requests))
        {
            row.Requests = Count(UsageField.Requests, ref reason, ref isOther);
        }

        if (raw.Has(UsageField.PrefixTokens))
        {
            row.PrefixTokens = Count(UsageField.PrefixTokens, ref reason, ref isOther);
        }

        var usage = raw[UsageField.UsageObject];
        if (reason is null && !usage.IsEmpty && FreeFormUsage.TryRead(usage, row, ref reason))
        {
            hasTokens = true;
        }
        else if (reason is null)
        {
            reason = Split(raw, row, input, uncached);
        }

        if (reason is null && !hasTokens && row.Status != "error")
        {
            reason = "no token counts";
        }

        if (reason is null && IsTrue(raw[UsageField.GatewayCacheHit]))
        {
            // The gateway answered from its own cache: no provider saw, or billed, these tokens.
            (row.InputUncached, row.CacheRead, row.CacheWrite5m, row.CacheWrite1h, row.Output, row.Reasoning) = (0, 0, 0, 0, 0, 0);
        }

        return reason;
    }

    private string? Split(RawRecord raw, UsageRow row, long input, long uncached)
    {
        var cached = row.CacheRead + row.CacheWrite5m + row.CacheWrite1h;
        if (raw.Has(UsageField.InputUncached))
        {
            row.InputUncached = uncached;
        }
        else if (counting == CacheCounting.Outside || !raw.Has(UsageField.Input))
        {
            row.InputUncached = input;
        }
        else if (cached > input)
        {
            return $"{cached} cached tokens are more than the {input} of {raw.NameOf(UsageField.Input)}, which includes them";
        }
        else
        {
            row.InputUncached = input - cached;
        }

        return row.Reasoning > row.Output
            ? $"{row.Reasoning} reasoning tokens are more than the {row.Output} of {raw.NameOf(UsageField.Output)}, which includes them"
            : null;
    }

    /// <summary>Times and cost that cannot be read are left out; the tokens still count.</summary>
    private static void ReadMeasures(RawRecord raw, UsageRow row)
    {
        row.LatencyMs = Milliseconds(raw, row, UsageField.LatencyMs, UsageField.LatencySeconds, UsageField.EndAt);
        row.FirstTokenMs = Milliseconds(raw, row, UsageField.FirstTokenMs, UsageField.FirstTokenSeconds, UsageField.FirstTokenAt);
        row.ReportedCost = raw.Has(UsageField.Cost) && UsageNumber.TryMoney(raw[UsageField.Cost], out var cost)
            ? decimal.Round(cost, 12)
            : null;
    }

    private static double? Milliseconds(RawRecord raw, UsageRow row, UsageField ms, UsageField seconds, UsageField until)
    {
        if (UsageNumber.TryMeasure(raw[ms], out var value))
        {
            return value;
        }

        if (UsageNumber.TryMeasure(raw[seconds], out value))
        {
            return value * 1000;
        }

        return row.At is { } at && raw.Has(until) && UsageTime.TryParse(raw[until], out var end) && end >= at
            ? (end - at).TotalMilliseconds
            : null;
    }

    private string? Text(RawRecord raw, UsageField field, ref string? reason)
    {
        var bytes = raw[field].Trim((byte)' ');
        if (bytes.IsEmpty)
        {
            return null;
        }

        if (bytes.Length > LongestText)
        {
            reason ??= $"{raw.NameOf(field)} has more than {LongestText} bytes";
            return null;
        }

        var text = field is UsageField.RequestId or UsageField.PromptHash ? StringPool.TryMake(bytes) : _pool.TryGet(bytes);
        if (text is null)
        {
            reason ??= $"{raw.NameOf(field)} is not UTF-8 text";
        }

        return text;
    }

    private static string? StatusOf(string? status, RawRecord raw)
    {
        if (raw.Has(UsageField.Error) && !raw[UsageField.Error].SequenceEqual("null"u8))
        {
            return "error";
        }

        if (status is null)
        {
            return null;
        }

        if (int.TryParse(status, out var code) && code is >= 100 and < 600)
        {
            return code < 400 ? "ok" : "error";
        }

        return status.ToLowerInvariant() is "error" or "failure" or "failed" or "status_code_error" or "2" or "exception" or "timeout" or "cancelled"
            ? "error"
            : "ok";
    }

    /// <summary>A real key in a log is the uploader's accident: only a fingerprint of it is kept.</summary>
    private static string? KeyId(string? key) =>
        key is { Length: > 24 } && (key.StartsWith("sk-", StringComparison.Ordinal) || key.StartsWith("AIza", StringComparison.Ordinal))
            ? "key-" + Fingerprint(Encoding.UTF8.GetBytes(key))![..12]
            : key;

    private static bool IsTrue(ReadOnlySpan<byte> text) =>
        text.Length is 1 or 3 or 4 && (text[0] | 0x20) switch
        {
            't' => text.Length == 4,
            'y' => text.Length == 3,
            '1' or '1' | 0x20 => text.Length == 1,
            _ => false,
        };

    private static string? Fingerprint(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes.SequenceEqual("{}"u8) || bytes.SequenceEqual("[]"u8) || bytes.SequenceEqual("null"u8))
        {
            return null;
        }

        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(bytes, hash);
        return Convert.ToHexStringLower(hash[..16]);
    }

    private static string Shown(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 60)]);
        return new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]);
    }
}
