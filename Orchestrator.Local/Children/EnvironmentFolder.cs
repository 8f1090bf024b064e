using System.Globalization;
using System.Security.Cryptography;

namespace Orchestrator.Local;

/// <summary>
/// The folder of one environment. Its name carries the process that owns it, so that a later start knows, without a lock file,
/// which folders were left by processes that are no more.
/// </summary>
internal static class EnvironmentFolder
{
    private const string Prefix = "orchestrator-local-";

    public static string NewIn(string parent)
    {
        if (!Directory.Exists(parent))
            throw new CannotStartException($"The local environment can't be started: its temporary folder {parent.TrimEnd('/')} does not exist. Create it, or set TMPDIR or TemporaryFolder to one that does.");
        var pid = Environment.ProcessId;
        return Path.Combine(Path.GetFullPath(parent), string.Create(CultureInfo.InvariantCulture, $"{Prefix}{pid}-{Child.StartTimeOf(pid)}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}"));
    }

    /// <summary>Passable, not readable: the database runs as another user below it.</summary>
    public static void Create(string folder) => Directory.CreateDirectory(
        folder,
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);

    /// <summary>Removes what earlier processes left that were killed together with their supervisors, or cut off from power.</summary>
    public static void RemoveLeftovers(string parent)
    {
        foreach (var folder in Directory.EnumerateDirectories(parent, Prefix + "*"))
        {
            var parts = Path.GetFileName(folder)[Prefix.Length..].Split('-');
            if (parts.Length == 3
                && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var pid)
                && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var startTime)
                && Child.StartTimeOf(pid) != startTime)
            {
                Remove(folder);
            }
        }
    }

    public static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else's, or being removed by its supervisor or another start at this moment.
        }
    }
}
