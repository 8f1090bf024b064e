using System.Globalization;

namespace Orchestrator.Local;

/// <summary>Finds PostgreSQL's server programs: Debian keeps each version in a folder of its own, off the PATH.</summary>
internal static class PostgresPrograms
{
    private const string Debian = "/usr/lib/postgresql";

    public static string Folder(string? configured)
    {
        if (configured is not null)
        {
            return Holds(configured)
                ? Path.GetFullPath(configured)
                : throw new CannotStartException($"PostgreSQL can't be started: {configured} (PostgresFolder) holds no initdb and postgres. Name the folder of the server's programs, such as {Debian}/15/bin, or leave the option out.");
        }
        var versions = Directory.Exists(Debian)
            ? Directory.EnumerateDirectories(Debian)
                .Where(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out _))
                .OrderByDescending(folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture))
                .Select(folder => Path.Combine(folder, "bin"))
            : [];
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return versions.Concat(onPath).FirstOrDefault(Holds)
            ?? throw new CannotStartException($"PostgreSQL can't be started: no initdb and postgres under {Debian}/*/bin or on the PATH. Install the server: apt-get install postgresql");
    }

    private static bool Holds(string folder) => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres"));
}
