using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace Orchestrator.Service.Processes;

/// <summary>Our end of a pipe into which a command prints.</summary>
internal static class PipeEnd
{
    private const int MostLeft = 1 << 20; // the largest pipe that Linux gives an ordinary user
    private const short Readable = 1;
    private const int PatienceIsOver = -1;

    /// <summary>
    /// Hands all that is printed to <paramref name="take"/>, until nobody holds the other end any more. Once <paramref name="ended"/> says that the command itself has
    /// ended and that long enough was waited for those who hold the pipe beside it, only what lies in the pipe is still taken: a machine that
    /// stalled must not lose what a command had printed. A pipe that breaks has ended.
    /// </summary>
    /// <param name="output">Of a process whose output is redirected; nobody else reads it.</param>
    /// <param name="take">Gets one piece after the other; each is its own for the call only.</param>
    /// <param name="ended">Ends the patience.</param>
    public static async Task ReadAsync(StreamReader output, Action<ReadOnlyMemory<byte>> take, CancellationToken ended)
    {
        var pipe = (PipeStream)output.BaseStream;
        var buffer = new byte[32 << 10];
        try
        {
            int read;
            while ((read = await NextAsync(pipe, buffer, ended)) > 0)
                take(buffer.AsMemory(0, read));
            // Bounded, because whoever holds the pipe may go on printing.
            for (var left = MostLeft; read == PatienceIsOver && left > 0 && HasSomething(pipe); left -= buffer.Length)
            {
                if (pipe.Read(buffer) is > 0 and var more)
                    take(buffer.AsMemory(0, more));
                else
                    return;
            }
        }
        catch (IOException)
        {
            // It broke: that is its end.
        }
    }

    private static async Task<int> NextAsync(PipeStream pipe, byte[] buffer, CancellationToken ended)
    {
        try
        {
            return await pipe.ReadAsync(buffer, ended);
        }
        catch (OperationCanceledException)
        {
            return PatienceIsOver;
        }
    }

    private static bool HasSomething(PipeStream pipe)
    {
        var (handle, held) = (pipe.SafePipeHandle, false);
        try
        {
            handle.DangerousAddRef(ref held);
            var look = new Look { Descriptor = (int)handle.DangerousGetHandle(), Wanted = Readable };
            return poll(ref look, 1, 0) == 1 && (look.Found & Readable) != 0;
        }
        finally
        {
            if (held)
                handle.DangerousRelease();
        }
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
