namespace Orchestrator.Service.Delivery.Git;

/// <summary>Who works in a folder now.</summary>
internal static class LiveProcesses
{
    /// <summary>Processes of this user whose working folder is the folder or in it. One that works there from elsewhere is not seen.</summary>
    public static IReadOnlyList<int> In(string folder)
    {
        var found = new List<int>();
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), out var id))
                continue;
            try
            {
                if (new FileInfo(Path.Combine(process, "cwd")).LinkTarget is { } at && (at == folder || at.StartsWith(folder + "/", StringComparison.Ordinal)))
                    found.Add(id);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It has ended, or is another user's.
            }
        }

        return found;
    }

    /// <summary>Is it git, or a program of git's?</summary>
    public static bool IsGit(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm").StartsWith("git", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // it has ended
        }
    }
}
