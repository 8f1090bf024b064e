using System.Diagnostics;

namespace Orchestrator.Local.StandIns;

/// <summary>git as people and servers run it, beside the service's own: as somebody, and without the settings of whoever started this process.</summary>
internal static class GitProgram
{
    /// <returns>The exit code, and the output without the end of its last line; with the complaints after it if it failed.</returns>
    public static async Task<(int Code, string Output)> TryAsync(string folder, IEnumerable<string> arguments, CancellationToken ct = default)
    {
        var start = new ProcessStartInfo("git", ["-C", folder, "-c", "user.name=A Person", "-c", "user.email=person@example.org", "-c", "gc.auto=0", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["GIT_EDITOR"] = "true";
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        using var git = Process.Start(start)!;
        git.StandardInput.Close();
        var errors = git.StandardError.ReadToEndAsync(ct);
        var output = (await git.StandardOutput.ReadToEndAsync(ct)).TrimEnd('\n');
        await git.WaitForExitAsync(ct);
        return (git.ExitCode, git.ExitCode == 0 ? output : $"{output}{await errors}");
    }

    /// <returns>The output without the end of its last line.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message has what it said.</exception>
    public static async Task<string> RunAsync(string folder, IEnumerable<string> arguments, CancellationToken ct = default)
    {
        var all = arguments.ToList();
        var (code, output) = await TryAsync(folder, all, ct);
        return code == 0 ? output : throw new InvalidOperationException($"git {string.Join(' ', all)} in {folder} ended with {code}: {output}");
    }
}
