using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Throughline.Auth.Database.Migrations.Sqlite
{
    /// <summary>SQLite's REPLACE removes the row before it without asking the triggers for DELETE. The model is as it was.</summary>
    [DbContext(typeof(SqliteAuthDb))]
    [Migration("20261124061500_AuditReplacement")]
    public partial class AuditReplacement : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
            CREATE TRIGGER "AuditEntriesAreNotReplaced" BEFORE INSERT ON "AuditEntries" WHEN EXISTS (SELECT 1 FROM "AuditEntries" WHERE "Seq" = NEW."Seq")
            BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
            """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""DROP TRIGGER "AuditEntriesAreNotReplaced";""");
    }
}
