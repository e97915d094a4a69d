using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Throughline.Backend.Database;

/// <summary>Where threads, runs, files and facts are kept. Configuration section <c>Database</c>.</summary>
public sealed class DatabaseOptions
{
    /// <summary><c>sqlite</c>: one file in the state folder; <c>postgres</c>: the database of <see cref="ConnectionString"/>.</summary>
    [RegularExpression("sqlite|postgres")]
    public string Provider { get; set; } = "sqlite";

    /// <summary>For <c>postgres</c>; a database of its own.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>SQLite's <c>synchronous</c> setting: with <c>full</c> what was acknowledged outlives a power cut, with <c>normal</c> only a crash of the process.</summary>
    [RegularExpression("full|normal")]
    public string Synchronous { get; set; } = "full";

    internal bool IsPostgres => Provider == "postgres";
}

internal sealed class DatabaseOptionsValidator : IValidateOptions<DatabaseOptions>
{
    public ValidateOptionsResult Validate(string? name, DatabaseOptions options) => options switch
    {
        { Provider: not ("sqlite" or "postgres") } => ValidateOptionsResult.Fail("Database:Provider is neither sqlite nor postgres."),
        { Synchronous: not ("full" or "normal") } => ValidateOptionsResult.Fail("Database:Synchronous is neither full nor normal."),
        { IsPostgres: true, ConnectionString: null or "" } => ValidateOptionsResult.Fail("Database:ConnectionString is missing; Database:Provider=postgres needs it."),
        _ => ValidateOptionsResult.Success,
    };
}
