namespace Orchestrator.Persistence.Migrations;

/// <summary>The migrations that this build carries.</summary>
internal static class MigrationFiles
{
    private const string Folder = "migrations/";

    public static IReadOnlyList<Migration> Embedded { get; } = Read();

    private static List<Migration> Read()
    {
        var assembly = typeof(MigrationFiles).Assembly;
        var migrations = new List<Migration>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            migrations.Add(Migration.Parse(resource[Folder.Length..], reader.ReadToEnd()));
        }
        return migrations;
    }
}
