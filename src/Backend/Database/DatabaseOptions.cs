using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Npgsql;

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
        { Provider: not ("sqlite" or "postgres") } => ValidateOptionsResult.Fail($"Database:Provider is '{options.Provider}': set it to sqlite or postgres."),
        { Synchronous: not ("full" or "normal") } => ValidateOptionsResult.Fail($"Database:Synchronous is '{options.Synchronous}': set it to full or normal."),
        { IsPostgres: true, ConnectionString: null or "" } => ValidateOptionsResult.Fail("Database:ConnectionString is missing; Database:Provider=postgres needs it."),
        { IsPostgres: true } when !IsReadable(options.ConnectionString) => ValidateOptionsResult.Fail(
            "Database:ConnectionString is no connection string: write for example Host=localhost;Username=throughline;Password=…"),
        _ => ValidateOptionsResult.Success,
    };

    private static bool IsReadable(string text)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(text).Host is { Length: > 0 };
        }
        catch (ArgumentException)
        {
            return false; // its message may repeat a part of the password
        }
    }
}
