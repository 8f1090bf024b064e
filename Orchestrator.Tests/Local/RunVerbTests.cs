using Orchestrator.Local;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Local;

public sealed class RunVerbTests
{
    [Theory]
    [InlineData("INT")]
    [InlineData("HUP")]
    public async Task Asked_to_stop_while_jobs_move_it_leaves_no_process_and_no_data(string signal)
    {
        using var folder = new TemporaryFolder();
        using var run = Run(folder, []);
        await MovesAsync(run);

        await run.SignalAsync(signal);
        var end = await run.EndAsync();

        Assert.Equal((130, ""), (end.ExitCode, end.Errors));
        Assert.Empty(Command.LinesOfProcessesIn(folder.Path));
        Assert.Empty(Directory.GetDirectories(folder.Path));
    }

    [Fact]
    public async Task Killed_while_jobs_move_it_leaves_no_process_and_no_data()
    {
        using var folder = new TemporaryFolder();
        using var run = Run(folder, []);
        await MovesAsync(run);

        await run.SignalAsync("KILL");

        await Eventually.IsTrueAsync(
            () => Command.LinesOfProcessesIn(folder.Path).Count == 0 && Directory.GetDirectories(folder.Path).Length == 0,
            "no process names the folder or stands in it, and no data is there");
    }

    [Fact]
    public async Task A_service_that_can_not_start_is_told_with_its_own_words_and_nothing_is_left()
    {
        using var folder = new TemporaryFolder();
        using var run = Run(folder, ["--once"], ("Orchestrator__Bus__Prefixx", "a"));

        var end = await run.EndAsync();

        Assert.Equal(1, end.ExitCode);
        Assert.Contains("Orchestrator:Bus:Prefixx is not a setting. Did you mean Prefix?", end.Errors, StringComparison.Ordinal);
        Assert.Empty(Command.LinesOfProcessesIn(folder.Path));
        Assert.Empty(Directory.GetDirectories(folder.Path));
    }

    [Theory]
    [InlineData("There is no file ", "missing.pdf")]
    [InlineData("--permits takes numbers from 1 to 1000. Found: 0.", "--permits", "0")]
    [InlineData("--permits takes numbers from 1 to 1000. Found: my.pdf. The file goes before it.", "--permits", "3", "my.pdf")]
    [InlineData("--onse is no option.", "--onse")]
    [InlineData("The name of the file is empty.", "")]
    [InlineData("/ is a folder.", "/")]
    [InlineData("/dev/null is empty.", "/dev/null")]
    [InlineData("/proc/self/status is no PDF.", "/proc/self/status")]
    [InlineData("'other.pdf'", "/dev/null", "other.pdf")]
    [InlineData("--delivery goes with --once only", "--delivery", "--permits", "3")]
    [InlineData("--delivery goes with --once only", "--delivery", "--real-time")]
    public async Task Arguments_that_make_no_sense_are_told(string sentence, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        using var run = Run(folder, arguments);

        var end = await run.EndAsync();

        Assert.Equal(2, end.ExitCode);
        Assert.Contains(sentence, end.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", end.Errors, StringComparison.Ordinal);
    }

    private static Command Run(TemporaryFolder folder, IEnumerable<string> arguments, params (string Name, string Value)[] settings)
    {
        var environment = settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value);
        environment["TMPDIR"] = folder.Path;
        return Command.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "Orchestrator.Local.dll"), "run", .. arguments], environment: environment);
    }

    private static Task MovesAsync(Command run) =>
        Eventually.IsTrueAsync(() => run.OutputSoFar.Contains("Running", StringComparison.Ordinal), "a job runs");
}
