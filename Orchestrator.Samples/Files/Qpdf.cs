using System.Diagnostics;

namespace Orchestrator.Samples.Files;

/// <summary>Two files come from qpdf itself, because merged and encrypted PDFs in the wild do.</summary>
internal static class Qpdf
{
    public static Task<byte[]> MergeAsync(IReadOnlyList<byte[]> parts) => RunAsync(parts, (inputs, output) =>
        ["--empty", "--deterministic-id", "--stream-data=preserve", "--object-streams=disable", "--pages", .. inputs, "--", output]);

    // A random id and random salts would change the bytes each time; these options are qpdf's own for tests.
    public static Task<byte[]> EncryptAsync(byte[] pdf, string password) => RunAsync([pdf], (inputs, output) =>
        ["--static-id", "--static-aes-iv", "--stream-data=preserve", "--allow-weak-crypto", "--encrypt", password, password, "128", "--use-aes=y", "--", inputs[0], output]);

    private static async Task<byte[]> RunAsync(IReadOnlyList<byte[]> parts, Func<string[], string, string[]> arguments)
    {
        var folder = Directory.CreateTempSubdirectory("samples-");
        try
        {
            var inputs = new string[parts.Count];
            for (var i = 0; i < parts.Count; i++)
            {
                inputs[i] = Path.Combine(folder.FullName, $"{i:00}.pdf");
                await File.WriteAllBytesAsync(inputs[i], parts[i]);
            }
            var output = Path.Combine(folder.FullName, "out.pdf");
            var start = new ProcessStartInfo("qpdf", arguments(inputs, output)) { RedirectStandardError = true };
            using var process = Process.Start(start)!;
            var errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0
                ? await File.ReadAllBytesAsync(output)
                : throw new InvalidOperationException($"qpdf ended with {process.ExitCode} while writing a sample: {errors}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
