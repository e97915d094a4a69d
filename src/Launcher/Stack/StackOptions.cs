namespace Throughline.Launcher.Stack;

/// <summary>What a stack is started with.</summary>
/// <param name="State">Path of the state folder.</param>
/// <param name="FixedPorts">A taken port ends the start instead of being replaced.</param>
/// <param name="Postgres">Connection string or URL of a PostgreSQL server; null for SQLite.</param>
/// <param name="Redis">Address of a Redis; null for the embedded store.</param>
/// <param name="Nodes">How many backends.</param>
/// <param name="Origin">The public origin; null for the one that the state has, which is this machine's own at the first start.</param>
internal sealed record StackOptions(string State, bool FixedPorts = false, string? Postgres = null, string? Redis = null, int Nodes = 1, string? Origin = null);
