using Orchestrator.Local;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Local;

public sealed class UpVerbTests
{
    [Fact]
    public async Task Killed_it_leaves_no_process_and_no_data()
    {
        using var folder = new TemporaryFolder();
        using var up = Up(folder);
        await IsUpAsync(up);

        await up.SignalAsync("KILL");

        await Eventually.IsTrueAsync(
            () => Command.LinesOfProcessesIn(folder.Path).Count == 0 && Directory.GetDirectories(folder.Path).Length == 0,
            "no process names the folder or stands in it, and no data is there");
    }

    [Fact]
    public async Task Killed_while_it_starts_it_leaves_no_process_and_at_most_folders_that_the_next_start_removes()
    {
        using var folder = new TemporaryFolder();
        using var up = Up(folder);
        await Eventually.IsTrueAsync(() => Command.LinesOfProcessesIn(folder.Path).Any(line => line.Contains("initdb", StringComparison.Ordinal)), "the data folder is being made");

        await up.SignalAsync("KILL");

        await Eventually.IsTrueAsync(() => Command.LinesOfProcessesIn(folder.Path).Count == 0, "no process names the folder or stands in it");
        EnvironmentFolder.RemoveLeftovers(folder.Path);
        Assert.Empty(Directory.GetDirectories(folder.Path));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task Asked_to_stop_it_ends_in_order_and_leaves_nothing(string signal)
    {
        using var folder = new TemporaryFolder();
        using var up = Up(folder);
        await IsUpAsync(up);

        await up.SignalAsync(signal);
        var end = await up.EndAsync();

        Assert.Equal((0, ""), (end.ExitCode, end.Errors));
        Assert.Empty(Command.LinesOfProcessesIn(folder.Path));
        Assert.Empty(Directory.GetDirectories(folder.Path));
    }

    [Fact]
    public async Task A_start_that_can_not_be_is_told_in_a_sentence()
    {
        using var folder = new TemporaryFolder();
        var missing = Path.Combine(folder.Path, "missing");

        var end = await Command.RunAsync("dotnet", [Program, "up"], environment: new Dictionary<string, string?> { ["TMPDIR"] = missing });

        Assert.Equal((1, ""), (end.ExitCode, end.Output));
        Assert.Equal($"The local environment can't be started: its temporary folder {missing} does not exist. Create it, or set TMPDIR or TemporaryFolder to one that does.\n", end.Errors);
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Orchestrator.Local.dll");

    private static Command Up(TemporaryFolder folder) => Command.Start("dotnet", [Program, "up"], environment: new Dictionary<string, string?> { ["TMPDIR"] = folder.Path });

    private static Task IsUpAsync(Command up) => Eventually.IsTrueAsync(() => up.OutputSoFar.Contains("is up", StringComparison.Ordinal), "up says that it is up");
}
