namespace Orchestrator.Service.Documents.Processes;

/// <summary>A private folder for one piece of work; it is gone with all its files when the work is disposed of.</summary>
public sealed class WorkFolder : IDisposable
{
    internal const string Prefix = "orchestrator-document-";
    private const string OwnerMark = ".owner";

    private readonly FileStream _owner;

    private WorkFolder(string path)
    {
        Path = path;
        _owner = Lock(path, FileMode.CreateNew);
    }

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>
    /// Makes a new folder that only this user may enter, with nothing in it but the mark of its owner: a file that is locked while the process lives, whatever
    /// ends it. What a crash leaves is removed by <see cref="ForsakenFolders"/>.
    /// </summary>
    public static WorkFolder Create() => new(Directory.CreateTempSubdirectory(Prefix).FullName);

    /// <summary>The path of a file in the folder.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc />
    public void Dispose()
    {
        Remove(Path);
        _owner.Dispose(); // after the removal: nobody else may take the folder meanwhile
    }

    /// <summary>Removes a folder whose owner is dead. Without a mark it may just be being made: then only if nothing was added for longer than any work takes.</summary>
    /// <returns>False if somebody owns it, or it can't be told.</returns>
    internal static bool TryRemoveForsaken(string path, DateTimeOffset now)
    {
        try
        {
            using var owner = Lock(path, FileMode.Open);
            return Remove(path);
        }
        catch (FileNotFoundException)
        {
            return Directory.GetLastWriteTimeUtc(path) < (now - TimeSpan.FromDays(1)).UtcDateTime && Remove(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // it is locked, gone, or another user's
        }
    }

    private static FileStream Lock(string path, FileMode mode) => new(System.IO.Path.Combine(path, OwnerMark), mode, FileAccess.ReadWrite, FileShare.None);

    private static bool Remove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
            return true;
        }
        catch (IOException)
        {
            return false; // a file that can't be removed costs disk, never the document
        }
        catch (UnauthorizedAccessException)
        {
            return false; // the same
        }
    }
}
