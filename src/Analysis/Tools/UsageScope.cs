namespace Throughline.Analysis.Tools;

/// <summary>Which rows a tool looks at and how they are priced: the part that all tools' arguments share.</summary>
/// <param name="PricedOn">The day whose list price an assumed or what-if model gets, and rows without a date.</param>
/// <param name="TimeZone">Sets where a day begins; an IANA name.</param>
/// <param name="AssumedModel">The model that the user says all requests ran on.</param>
/// <param name="From">First local day.</param>
/// <param name="To">Last local day.</param>
/// <param name="Name">Sets this scope's facts apart where one run looks at two, e.g. two months.</param>
public sealed record UsageScope(
    DateOnly PricedOn, string TimeZone = "UTC", string? AssumedModel = null, DateOnly? From = null, DateOnly? To = null,
    string? Model = null, string? User = null, string? Feature = null, string? Team = null, string? Name = null)
{
    /// <summary>Prefix of the keys of this scope's facts.</summary>
    public string Key(string key) => Name is null ? key : $"{Name}.{key}";
}
