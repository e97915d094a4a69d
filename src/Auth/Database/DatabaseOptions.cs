using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Npgsql;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Database;

/// <summary>Which database. Configuration section <c>Database</c>.</summary>
internal sealed class DatabaseOptions : IValidatableObject
{
    public const string Sqlite = "sqlite";
    public const string Postgres = "postgres";

    /// <summary><c>sqlite</c>, a file in the state folder, or <c>postgres</c>.</summary>
    public string Provider { get; set; } = Sqlite;

    /// <summary>Where PostgreSQL is; unused for SQLite.</summary>
    public string? ConnectionString { get; set; }

    public bool IsPostgres => Provider == Postgres;

    /// <summary>Where it is, for people: host, port and database, or the file.</summary>
    public string PlaceIn(StateFolder state) => IsPostgres ? PostgresReach.PlaceOf(ConnectionString!) : state.PathOf("auth.db");

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Provider is not (Sqlite or Postgres))
            yield return new($"Database:Provider is '{Provider}': set it to sqlite or postgres.", [nameof(Provider)]);
        else if (IsPostgres && string.IsNullOrWhiteSpace(ConnectionString))
            yield return new("Database:ConnectionString is missing; Database:Provider=postgres needs it.", [nameof(ConnectionString)]);
        else if (IsPostgres && !IsReadable(ConnectionString))
            yield return new("Database:ConnectionString is no connection string: write for example Host=localhost;Username=throughline;Password=…", [nameof(ConnectionString)]);
    }

    private static bool IsReadable(string? text)
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

[OptionsValidator]
internal sealed partial class DatabaseOptionsValidator : IValidateOptions<DatabaseOptions>;
