using System.Diagnostics;
using System.Text;

namespace Orchestrator.Tests.Infrastructure;

/// <summary>
/// Programs that a test writes and runs at once. A child writes them: what this process has open for writing, a program that another test starts just then inherits until its own exec, and so long
/// the system refuses to run the file ("Text file busy").
/// </summary>
internal static class Script
{
    /// <summary>Writes a file that everybody may execute, in place of what is there; its folder must be there. Fails the test if it can't be written.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="text">All of it; the first line names the interpreter.</param>
    public static void Write(string path, string text)
    {
        using var writer = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "cat >\"$1\" && chmod 755 \"$1\"", "sh", path])
        {
            RedirectStandardInput = true, StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        })!;
        writer.StandardInput.Write(text);
        writer.StandardInput.Close();
        writer.WaitForExit();
        Assert.True(writer.ExitCode == 0, $"{path} could not be written: sh ended with {writer.ExitCode}");
    }
}
