using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Orchestrator.Benchmarks.Peer;

/// <summary>
/// The file that the driver trusts: one write(2) in append mode per line, so that lines of several processes don't overwrite each other
/// and survive <c>kill -9</c>. .NET's own append mode only seeks to the end once, hence the system call.
/// </summary>
internal sealed class EventLog(string path, TimeProvider time)
{
    private const int WriteOnly = 1, Create = 64, Append = 1024;

    private readonly int _file = Open(path);

    /// <summary>A job's submission begins.</summary>
    public void Submitting(long id) => Line(string.Create(CultureInfo.InvariantCulture, $"T {id} {Milliseconds:F3}\n"));

    public void Started(long id) => Line(string.Create(CultureInfo.InvariantCulture, $"S {id} {Milliseconds:F3} {Environment.ProcessId}\n"));

    public void Ended(long id) => Line(string.Create(CultureInfo.InvariantCulture, $"E {id} {Milliseconds:F3} {Environment.ProcessId}\n"));

    private double Milliseconds => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds;

    private void Line(string line)
    {
        var bytes = Encoding.ASCII.GetBytes(line);
        if (write(_file, bytes, bytes.Length) != bytes.Length)
            throw new IOException($"{path}: a line could not be written (errno {Marshal.GetLastPInvokeError()}).");
    }

    private static int Open(string path) => open(path, WriteOnly | Create | Append, 0b110_100_100) is var file and >= 0
        ? file
        : throw new IOException($"{path}: can't be opened for appending (errno {Marshal.GetLastPInvokeError()}).");

    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open(string path, int flags, int mode);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint write(int file, byte[] bytes, nint count);
}
