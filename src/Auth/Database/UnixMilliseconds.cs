using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Throughline.Auth.Database;

internal sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
    instant => instant.ToUnixTimeMilliseconds(), milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
