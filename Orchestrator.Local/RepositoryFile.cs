namespace Orchestrator.Local;

/// <summary>Files that stand in the repository and are not copied to where a build puts the program.</summary>
internal static class RepositoryFile
{
    /// <summary>The file's full path, sought in the folders above the program; null where none of them has it.</summary>
    /// <param name="path">Relative to the repository.</param>
    public static string? Find(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var here = Path.Combine(folder.FullName, path);
            if (File.Exists(here))
                return here;
        }
        return null;
    }
}
