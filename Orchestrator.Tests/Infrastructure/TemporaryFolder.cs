namespace Orchestrator.Tests.Infrastructure;

/// <summary>A folder of one test, passable for other users, removed at the end.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Creates it below the system's temporary folder.</summary>
    public TemporaryFolder() => Directory.CreateDirectory(Path);

    /// <summary>Where it is; no other test's path holds it.</summary>
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), Shared.Unique("tests"));

    /// <summary>Removes it; for up to ten seconds again and again, because a process that ends just then may still put something into it or remove a part of it.</summary>
    public void Dispose()
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var tried = 0; ; tried++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
                return;
            }
            catch (DirectoryNotFoundException) when (tried > 0 && !Directory.Exists(Path))
            {
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && Directory.Exists(Path) && TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(10))
            {
                Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None).GetAwaiter().GetResult();
            }
        }
    }
}
