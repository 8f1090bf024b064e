using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Service.Processes;

/// <summary>
/// Reads files of a run, which its program may have replaced: by a pipe whose opening would wait for a writer for ever, by a link to a device without an end, by something
/// huge. Linux only.
/// </summary>
internal static class RegularFile
{
    private const int ReadOnly = 0, NonBlocking = 0x800, CloseOnExec = 0x80000; // of every Linux that .NET runs on
    private const int NoSuchFile = 2, NoFolder = 20;

    /// <summary>Opens at once, whatever it is. Nobody who writes is kept out.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="IOException">It can't be opened, or is no file.</exception>
    public static FileStream Open(string path)
    {
        var handle = open(path, ReadOnly | NonBlocking | CloseOnExec);
        if (handle < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            throw error is NoSuchFile or NoFolder
                ? new FileNotFoundException($"{path} is not there.", path)
                : new IOException($"{path} can't be opened: {Marshal.GetPInvokeErrorMessage(error)}.");
        }

        var file = new FileStream(new SafeFileHandle(handle, ownsHandle: true), FileAccess.Read, bufferSize: 0);
        if (file.CanSeek)
            return file;
        file.Dispose();
        throw new IOException($"{path} is no file.");
    }

    /// <summary>The whole content.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">Bytes; more is an error.</param>
    /// <exception cref="IOException">It can't be read, is no file, or is larger.</exception>
    public static byte[] Read(string path, int most)
    {
        using var file = Open(path);
        if (file.Length > most)
            throw new IOException($"{path} has {file.Length} bytes, more than {most}.");
        var content = new byte[file.Length]; // a device has none, whatever it would give
        file.ReadExactly(content);
        return content;
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
}
