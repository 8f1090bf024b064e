namespace Orchestrator.Service.Documents.Processes;

/// <summary>A private folder for one piece of work; it is gone with all its files when the work is disposed of.</summary>
public sealed class WorkFolder : IDisposable
{
    private WorkFolder(string path) => Path = path;

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>Makes a new, empty folder that only this user may enter. A crash before the disposal leaves it for the system's own cleaning.</summary>
    public static WorkFolder Create() => new(Directory.CreateTempSubdirectory("orchestrator-document-").FullName);

    /// <summary>The path of a file in the folder.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc />
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A file that can't be removed costs disk, never the document.
        }
        catch (UnauthorizedAccessException)
        {
            // The same.
        }
    }
}
