namespace Orchestrator.Service.Delivery.Git;

/// <summary>A file that is locked while somebody works on what stands beside it: the kernel gives it back whatever ends the holder. Holds between tasks and processes of a host.</summary>
internal sealed class FolderLock : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Waits until it is free.</summary>
    public static async Task<FolderLock> TakeAsync(string path, TimeProvider time, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (TryTake(path) is { } taken)
                return taken;
            await Task.Delay(Look, time, cancellation);
        }
    }

    /// <returns>Null if somebody has it.</returns>
    public static FolderLock? TryTake(string path)
    {
        try
        {
            return new FolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception) when (exception.HResult is 11) // EWOULDBLOCK
        {
            return null;
        }
    }

    // The file stays: who removed it would take it from under one who waits for it.
    public void Dispose() => _file.Dispose();
}
