using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace Orchestrator.Service.Processes;

/// <summary>Our end of a pipe into which a command prints.</summary>
internal static class PipeEnd
{
    private const int MostLeft = 1 << 20; // the largest pipe that Linux gives an ordinary user
    private const short Readable = 1;

    /// <summary>
    /// Hands all that is printed to <paramref name="take"/>, until nobody holds the other end any more. Once <paramref name="ended"/> says that the command itself has
    /// ended and that long enough was waited for those who hold the pipe beside it, only what lies in the pipe is still taken: a machine that
    /// stalled must not lose what a command had printed.
    /// </summary>
    public static async Task ReadAsync(Stream stream, Action<ReadOnlyMemory<byte>> take, CancellationToken ended)
    {
        var buffer = new byte[32 << 10];
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer, ended)) > 0;)
                take(buffer.AsMemory(0, read));
        }
        catch (OperationCanceledException)
        {
            // Bounded, because whoever holds the pipe may go on printing.
            for (int left = MostLeft, read; left > 0 && HasSomething((PipeStream)stream) && (read = stream.Read(buffer)) > 0; left -= read)
                take(buffer.AsMemory(0, read));
        }
        catch (IOException)
        {
            // The pipe broke: that is its end.
        }
    }

    private static bool HasSomething(PipeStream pipe)
    {
        var look = new Look { Descriptor = (int)pipe.SafePipeHandle.DangerousGetHandle(), Wanted = Readable };
        return poll(ref look, 1, 0) == 1 && (look.Found & Readable) != 0;
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int poll(ref Look descriptors, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct Look
    {
        public int Descriptor;
        public short Wanted;
        public short Found;
    }
}
