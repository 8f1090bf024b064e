namespace Orchestrator.Service.Documents.Reading;

/// <summary>A file on this machine's disk that is to be read.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="Name">The name that people know it by; it never decides what the file is.</param>
public sealed record DocumentFile(string Path, string Name)
{
    /// <summary>What is known of it, where it has been probed before; saves probing again.</summary>
    public DocumentProbe? Probe { get; init; }

    /// <summary>A file that goes by its own name.</summary>
    public static DocumentFile At(string path) => new(System.IO.Path.GetFullPath(path), System.IO.Path.GetFileName(path));
}
