namespace Orchestrator.Tests.Infrastructure;

/// <summary>A folder of one test, passable for other users, removed at the end.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Creates it below the system's temporary folder.</summary>
    public TemporaryFolder() => Directory.CreateDirectory(Path);

    /// <summary>Where it is; no other test's path holds it.</summary>
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), Shared.Unique("tests"));

    /// <inheritdoc />
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException) when (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true); // a supervisor was removing a part of it just then
        }
    }
}
