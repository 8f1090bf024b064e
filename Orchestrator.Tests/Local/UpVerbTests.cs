using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Local;

public sealed class UpVerbTests
{
    [Fact]
    public async Task Killed_at_once_it_leaves_no_process_and_no_data()
    {
        using var folder = new TemporaryFolder();
        using var up = Up(folder);
        await BothRunAsync(folder);

        await up.SignalAsync("KILL");

        await NothingIsLeftAsync(folder);
    }

    [Fact]
    public async Task Killed_while_it_starts_it_leaves_no_process()
    {
        using var folder = new TemporaryFolder();
        using var up = Up(folder);
        await Eventually.IsTrueAsync(() => Command.LinesHolding(folder.Path).Any(line => line.Contains("initdb", StringComparison.Ordinal)), "the data folder is being made");

        await up.SignalAsync("KILL");

        await NothingIsLeftAsync(folder);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task Asked_to_stop_it_ends_in_order_and_leaves_nothing(string signal)
    {
        using var folder = new TemporaryFolder();
        using var up = Up(folder);
        await BothRunAsync(folder);

        await up.SignalAsync(signal);
        var end = await up.EndAsync();

        Assert.Equal((0, ""), (end.ExitCode, end.Errors));
        Assert.Empty(Command.LinesHolding(folder.Path));
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

    private static Task BothRunAsync(TemporaryFolder folder) => Eventually.IsTrueAsync(
        () => Command.LinesHolding(folder.Path) is var lines
            && lines.Any(line => line.Contains("bin/postgres -D", StringComparison.Ordinal))
            && lines.Any(line => line.Contains("launcher.mjs", StringComparison.Ordinal)),
        "both children run");

    private static Task NothingIsLeftAsync(TemporaryFolder folder) => Eventually.IsTrueAsync(
        () => Command.LinesHolding(folder.Path).Count == 0 && Directory.GetDirectories(folder.Path).Length == 0,
        "no process names the folder, and no data is in it");
}
