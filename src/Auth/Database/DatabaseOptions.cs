using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Throughline.Auth.Database;

/// <summary>Which database. Configuration section <c>Database</c>.</summary>
internal sealed class DatabaseOptions : IValidatableObject
{
    public const string Sqlite = "sqlite";
    public const string Postgres = "postgres";

    /// <summary><c>sqlite</c>, a file in the state folder, or <c>postgres</c>.</summary>
    [AllowedValues(Sqlite, Postgres, ErrorMessage = "Database:Provider must be sqlite or postgres.")]
    public string Provider { get; set; } = Sqlite;

    /// <summary>Where PostgreSQL is; unused for SQLite.</summary>
    public string? ConnectionString { get; set; }

    public bool IsPostgres => Provider == Postgres;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IsPostgres && string.IsNullOrWhiteSpace(ConnectionString))
            yield return new("Database:ConnectionString is missing; Database:Provider=postgres needs it.", [nameof(ConnectionString)]);
    }
}

[OptionsValidator]
internal sealed partial class DatabaseOptionsValidator : IValidateOptions<DatabaseOptions>;
