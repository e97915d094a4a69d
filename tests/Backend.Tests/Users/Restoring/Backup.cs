using Microsoft.Data.Sqlite;

namespace Throughline.Backend.Tests.Users.Restoring;

/// <summary>A copy of a service's database file, as an operator makes one of a running service and puts it back under a stopped one.</summary>
internal sealed class Backup(Services services, string database)
{
    private readonly string _path = services.State.PathOf(database);
    private readonly byte[] _content = Copy(services.State.PathOf(database));

    public void Restore()
    {
        foreach (var beside in (string[])["-wal", "-shm"]) File.Delete(_path + beside);
        File.WriteAllBytes(_path, _content);
    }

    private static byte[] Copy(string path)
    {
        var copy = $"{path}.copy";
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "VACUUM INTO $copy";
            command.Parameters.AddWithValue("$copy", copy);
            command.ExecuteNonQuery();
        }

        var content = File.ReadAllBytes(copy);
        File.Delete(copy);
        return content;
    }
}
