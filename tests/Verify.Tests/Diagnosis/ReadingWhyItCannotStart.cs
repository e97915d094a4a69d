using Throughline.Verify.Rules;
using static Throughline.Verify.Tests.Diagnosis.Scenes;

namespace Throughline.Verify.Tests.Diagnosis;

/// <summary>The product's own sentences at a start that fails, one of each kind, and the fault that each tells.</summary>
public sealed class ReadingWhyItCannotStart
{
    public static TheoryData<string, string, string> Sentences { get; } = new()
    {
        { "backend and auth hold different secrets: set JWT_SECRET_KEY to the same value for both.", "signing.different_secrets", "Set JWT_SECRET_KEY to the same value for both." },
        { "backend has a JWT_SECRET_KEY, but auth has none: set the same JWT_SECRET_KEY for both, or for neither.", "signing.different_algorithms", "Set the same JWT_SECRET_KEY for both, or for neither." },
        { "backend accepts tokens of the issuer 'http://a', but auth issues them as 'http://b': set Auth:Issuer to the same value for both.", "signing.different_issuers", "Set Auth:Issuer to the same value for both." },
        { "backend accepts tokens for 'a', but auth issues them for 'b': run the same release of both.", "signing.different_audiences", "Run the same release of both." },
        { "backend does not hold the keys that auth at http://127.0.0.1:9 signs with: let Services:auth name the auth whose tokens backend is to accept.", "signing.different_keys", "Let Services:auth name the auth whose tokens backend is to accept." },
        { "auth does not accept the secret of backend: give both the same /state/secrets/client-backend, then restart auth, which registers it.", "backend.wrong_client_secret", "Give both the same /state/secrets/client-backend, then restart auth, which registers it." },
        { "At http://127.0.0.1:8000 backend answers, not auth: set Services:auth to the address of auth.", "backend.wrong_address", "Set Services:auth to the address of auth." },
        { "The key-value store at 127.0.0.1:6380 refuses our password: write the store's into /state/secrets/store-password and restart.", "store.wrong_password", "Write the store's into /state/secrets/store-password and restart." },
        { "The key-value store could not open its data in /state/store (denied): make it a folder that it can write, or restore it from a backup.", "backend.data_unreadable", "Make it a folder that it can write, or restore it from a backup." },
        { "The database /state/backend.db is damaged, or is no database: restore it from a backup.", "backend.database_damaged", "Restore it from a backup." },
        { "The database /state/backend.db is held by another program: stop it.", "backend.database_locked", "Stop it." },
        { "The database /state/backend.db is read-only: let the user who runs this service write it.", "backend.database_read_only", "Let the user who runs this service write it." },
        { "The database /state/backend.db cannot be opened: give it and its folder to the user who runs this service.", "backend.database_read_only", "Give it and its folder to the user who runs this service." },
        { "The database /state/backend.db cannot be read or written: look after the disk.", "backend.database_read_only", "Look after the disk." },
        { "PostgreSQL at 127.0.0.1:5432/db lets nobody in to this database: let it, with ALTER DATABASE … ALLOW_CONNECTIONS true.", "backend.database_unreachable", "Let it, with ALTER DATABASE … ALLOW_CONNECTIONS true." },
        { "The disk that PostgreSQL at 127.0.0.1:5432/db writes to is full: free some space.", "backend.disk_full", "Free some space." },
        { "PostgreSQL at 127.0.0.1:5432/db takes no writes now: name the primary server in Database:ConnectionString.", "backend.database_read_only", "Name the primary server in Database:ConnectionString." },
        { "The user of Database:ConnectionString lacks a right at 127.0.0.1:5432/db (denied): grant it, or make the user the database's owner.", "backend.database_read_only", "Grant it, or make the user the database's owner." },
        { "PostgreSQL at 127.0.0.1:5432/db has no such database: make it, or mend Database in Database:ConnectionString.", "backend.database_missing", "Make it, or mend Database in Database:ConnectionString." },
        { "PostgreSQL at 127.0.0.1:5432/db refuses the user or its password: mend Username and Password in Database:ConnectionString.", "backend.database_wrong_password", "Mend Username and Password in Database:ConnectionString." },
        { "PostgreSQL at 127.0.0.1:5432/db does not answer: start it.", "backend.database_unreachable", "Start it." },
        { "The disk that holds the database /state/backend.db is full: free some space.", "backend.disk_full", "Free some space." },
        { "The backend's database has schema version 99, this program knows 12: start a program at least as new as the one that wrote it.", "backend.database_unmigrated", "Start a program at least as new as the one that wrote it." },
        { "The database is newer (2_Later) than this program (1_Now); start the newer program.", "backend.database_unmigrated", "The database is newer (2_Later) than this program (1_Now); start the newer program." },
        { "Failed to bind to address http://127.0.0.1:8000: address already in use.", "backend.port_taken", "Address already in use." },
        { "port 8000 (Listen:Port) is held by nginx (71): stop it.", "backend.port_taken", "Stop it." },
        { "No port between 11111 and 11211 is free for Orleans.", "backend.port_taken", "No port between 11111 and 11211 is free for Orleans." },
        { "The secret /state/secrets/client-backend is missing; restore it, or start with a new state folder.", "backend.missing_secret", "The secret /state/secrets/client-backend is missing; restore it, or start with a new state folder." },
        { "/state/keys/auth.key is not the master key that this state's database was written with: restore the file that belongs to it.", "backend.other_master_key", "Restore the file that belongs to it." },
        { "The database's keys were encrypted with another master key than /state/keys/auth.key; restore the file that belongs to this database.", "backend.other_master_key", "The database's keys were encrypted with another master key than /state/keys/auth.key; restore the file that belongs to this database." },
        { "/state/settings/backend.json may hold secrets, and others may read it (mode 644): run chmod 600 '/state/settings/backend.json'.", "backend.not_private", "Run chmod 600 '/state/settings/backend.json'." },
        { "The state folder /state is not private: others may read it (mode 755).", "backend.not_private", "Others may read it (mode 755)." },
        { "/state/settings/backend.json is not the JSON of settings (line 3): mend it, or remove it.", "backend.configuration", "Mend it, or remove it." },
        { "/state/settings/backend.json sets Listen:Port, which the launcher decides: remove it.", "backend.configuration", "Remove it." },
        { "/state/settings/backend.json cannot be read (denied): give it to the user who runs the services.", "backend.configuration", "Give it to the user who runs the services." },
        { "Limits:Window is 'never': set it to a time, such as 00:00:30 or 1.00:00:00.", "backend.configuration", "Set it to a time, such as 00:00:30 or 1.00:00:00." },
        { "SigningKeys:RotateEvery is shorter than SigningKeys:PublishFor; make it longer.", "backend.configuration", "SigningKeys:RotateEvery is shorter than SigningKeys:PublishFor; make it longer." },
        { "Mail:Security=None would send the mail server's password in clear; use StartTls or Tls.", "backend.configuration", "Mail:Security=None would send the mail server's password in clear; use StartTls or Tls." },
        { "Frontend:Certificate is '/state/cert.pfx', which cannot be opened (denied): name a PKCS#12 file, and its password in Frontend:CertificatePassword.", "backend.configuration", "Name a PKCS#12 file, and its password in Frontend:CertificatePassword." },
        { "Database:ConnectionString is missing; Database:Provider=postgres needs it.", "backend.configuration", "Database:ConnectionString is missing; Database:Provider=postgres needs it." },
        { "JWT_SECRET_KEY is 12 bytes long: set it to 32 bytes or more, for example what `openssl rand -base64 48` prints.", "backend.configuration", "Set it to 32 bytes or more, for example what `openssl rand -base64 48` prints." },
    };

    [Theory]
    [MemberData(nameof(Sentences))]
    public void A_sentence_tells_its_fault_and_what_to_do(string told, string cause, string remedy)
    {
        var reading = StartWords.Read("backend", told);
        Assert.NotNull(reading);
        Assert.Equal((cause, remedy), ($"{reading.Component}.{reading.Fault}", reading.Fix.Text));
    }

    /// <summary>As the launcher tells it of a service, and as a service tells it by itself.</summary>
    [Theory]
    [MemberData(nameof(Sentences))]
    public void The_launchers_end_tells_it_too(string told, string cause, string remedy)
    {
        var start = new CommandRun(
            At, "throughline up", 1, 900, ["throughline: this was before", "{\"event\":\"service\"}", "{\"event\":\"fail", $$"""{"event":"failed","service":"backend","detail":{{System.Text.Json.JsonSerializer.Serialize($"backend ended with exit code 2: {told}")}}}""", "{\"event\":\"ended\"}", "a last line"]);
        var named = Assert.Single(new RuleDiagnosis().Explain(GraphFile.BuiltIn(), [StartRules.FindingOf(start)]));
        Assert.Equal((cause, $"backend ended with exit code 2: {told}", remedy), (named.Id, named.Sentence, named.Fix.Text));
        Assert.Equal("startup.phases", Assert.Single(named.Explains));
        Assert.Equal("startup.phases", Assert.Single(named.Chain).Probe);
    }

    [Theory]
    [InlineData(2, "launcher.configuration")]
    [InlineData(3, "launcher.different_secrets")]
    [InlineData(4, "launcher.wrong_password")]
    [InlineData(5, "launcher.port_taken")]
    [InlineData(6, "launcher.unreachable")]
    [InlineData(134, "launcher.crash_loop")]
    public void Where_the_words_say_nothing_the_exit_code_does(int exitCode, string cause)
    {
        var named = Assert.Single(new RuleDiagnosis().Explain(GraphFile.BuiltIn(), [StartRules.FindingOf(new CommandRun(At, "throughline up", exitCode, 900, ["throughline: Something else.", ""]))]));
        Assert.Equal((cause, "Something else."), (named.Id, named.Sentence));
    }

    [Fact]
    public void A_launcher_that_says_nothing_is_told_by_its_exit_code()
    {
        var named = Assert.Single(new RuleDiagnosis().Explain(GraphFile.BuiltIn(), [StartRules.FindingOf(new CommandRun(At, "throughline up", 139, 900, []))]));
        Assert.Equal("The launcher ended with exit code 139 and said nothing.", named.Sentence);
    }

    [Theory]
    [InlineData("Unhandled exception. System.InvalidOperationException: Sequence contains no elements")]
    [InlineData("The frame database/x.bin is ready")]
    [InlineData("Connection to port 8000 refused")]
    [InlineData("")]
    public void Other_lines_tell_nothing(string told) => Assert.Null(StartWords.Read("backend", told));
}
