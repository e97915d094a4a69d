namespace Throughline.Contracts.Actions;

/// <summary>A budget that the user has approved: <c>GET /api/budgets</c>.</summary>
/// <param name="Amount">Exact decimal, US dollars.</param>
/// <param name="Per"><c>month</c>.</param>
public sealed record Budget(string Amount, string Currency, string Per, DateTimeOffset SetAt);

/// <summary>An alert that the user has approved: <c>GET /api/alerts</c>. Cost answers say how often spend passed it.</summary>
/// <param name="Amount">Exact decimal, US dollars.</param>
/// <param name="Per"><c>day</c> or <c>month</c>.</param>
public sealed record Alert(string Amount, string Currency, string Per, DateTimeOffset SetAt);

/// <summary>A file that an approved action wrote: <c>GET /api/documents</c>; its bytes are <c>GET /api/documents/{id}</c>.</summary>
public sealed record Document(Guid Id, string Name, string MediaType, long SizeBytes, DateTimeOffset CreatedAt);
